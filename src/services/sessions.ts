import type { Revocations } from '../auth/revocations.ts'
import { Refusal } from '../domain/errors.ts'
import type { RevocationTarget } from '../domain/revocation.ts'
import { checkText } from '../domain/text.ts'
import type { SessionService } from './services.ts'

/** Whoever's token has it may take the tokens of their tenant back. */
const ADMIN = 'admin'
/** No token has a longer user or id. */
const ID_MAX = 255

export function createSessionService({
  revocations,
}: {
  readonly revocations: Pick<Revocations, 'revoke'>
}): SessionService {
  return {
    async revoke(viewer, input) {
      if (!viewer.roles.includes(ADMIN)) throw new Refusal('FORBIDDEN', 'Only an admin of the tenant may do this.')
      const target = targetOf(input.userId ?? null, input.tokenId ?? null)
      const field = ['input', target.scope === 'user' ? 'userId' : 'tokenId']
      checkText(target.id, { max: ID_MAX, field, controls: 'refuse' })
      return revocations.revoke(viewer, target)
    },
  }
}

function targetOf(userId: string | null, tokenId: string | null): RevocationTarget {
  if (userId !== null && tokenId === null) return { scope: 'user', id: userId }
  if (tokenId !== null && userId === null) return { scope: 'token', id: tokenId }
  throw new Refusal('INVALID', 'Exactly one of userId and tokenId is needed.', ['input'])
}
