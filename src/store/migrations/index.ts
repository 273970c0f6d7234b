import type { Migration } from '../database/migrate.ts'
import { initial } from './0001-initial.ts'
import { heads } from './0002-heads.ts'
import { revocations } from './0003-revocations.ts'
import { revocationMarks } from './0004-revocation-marks.ts'
import { severalTenants } from './0005-several-tenants.ts'
import { eventsBesidesSent } from './0006-events-besides-sent.ts'
import { noEventsByConversation } from './0007-no-events-by-conversation.ts'

/** Every migration there is, in the order of their ids. What has been released is never changed, only followed by another. */
export const migrations: readonly Migration[] = [
  initial,
  heads,
  revocations,
  revocationMarks,
  severalTenants,
  eventsBesidesSent,
  noEventsByConversation,
]
