import type { RevocationRecord, RevocationTarget } from '../../domain/revocation.ts'
import type { CommandKind } from '../command.ts'
import { NEW_MARK } from '../log/head.ts'
import { revocationOf } from '../revocations.ts'

export interface RevokeInput extends RevocationTarget {
  readonly actorId: string
  /** What was taken back longer ago than this has expired since, and is forgotten. Seconds. */
  readonly keepSeconds: number
}

/** Without guards: it stands whether or not there is such a user or token. A second one of the same replaces the first. No event of the log. */
export const revoke: CommandKind<RevocationRecord, RevokeInput> = {
  name: 'revoke',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 1_500,
  statement: (tenantId, [input]) => ({
    name: 'revoke',
    text: REVOKE,
    values: [tenantId, input?.scope, input?.id, input?.keepSeconds],
  }),
  read([row]) {
    return row && { result: revocationOf(row), events: [], receipts: [] }
  },
}

/** Takes a few more old rows than it makes. Never the one that it replaces: a statement must not write a row twice. */
const REVOKE = `
WITH head AS (
  UPDATE tenant_head SET revocation_position = revocation_position + 1, revocation_mark = ${NEW_MARK} WHERE tenant_id = $1
  RETURNING revocation_position, revocation_mark AS mark, clock_timestamp() AS at
),
oldest AS (
  SELECT scope, id, at FROM revocation WHERE tenant_id = $1 ORDER BY revocation_position LIMIT 10
),
gone AS (
  DELETE FROM revocation r USING oldest, head
  WHERE r.tenant_id = $1 AND r.scope = oldest.scope AND r.id = oldest.id AND (r.scope, r.id) <> ($2, $3)
    AND oldest.at < head.at - make_interval(secs => $4::float8)
)
INSERT INTO revocation AS r (tenant_id, scope, id, revocation_position, mark, at)
SELECT $1, $2, $3, head.revocation_position, head.mark, head.at FROM head
ON CONFLICT (tenant_id, scope, id) DO UPDATE
  SET revocation_position = excluded.revocation_position, mark = excluded.mark, at = greatest(r.at, excluded.at)
RETURNING scope, id, revocation_position, mark, at`
