import type { RevocationRecord } from '../domain/revocation.ts'
import { isPlainUnicode } from '../domain/text.ts'
import type { Row, Statement } from './database/database.ts'
import * as column from './row.ts'
import type { TenantRead } from './session.ts'
import type { RevocationPage, StoredRevocations } from './store.ts'

export function createStoredRevocations(read: TenantRead, tenantId: string): StoredRevocations {
  async function select(statement: Statement): Promise<RevocationPage> {
    const [heads = [], rows = []] = await read({ name: 'revocation_head', text: HEAD, values: [tenantId] }, statement)
    const [head] = heads
    // A tenant without a head has seen no token yet.
    const position = head === undefined ? 0 : column.position(head, 'revocation_position')
    return { position, revocations: rows.map(revocationOf) }
  }

  return {
    of(targets) {
      const askable = targets.filter(({ id }) => isPlainUnicode(id)).map(({ scope, id }) => ({ scope, id }))
      return select({ name: 'revocations_of', text: OF, values: [tenantId, JSON.stringify(askable)] })
    },
    after: (position, limit) => select({ name: 'revocations_after', text: AFTER, values: [tenantId, position, limit] }),
  }
}

export function revocationOf(row: Row): RevocationRecord {
  return {
    scope: column.word(row, 'scope', ['user', 'token']),
    id: column.text(row, 'id'),
    revocationPosition: column.position(row, 'revocation_position'),
    at: column.instant(row, 'at'),
  }
}

const HEAD = 'SELECT revocation_position FROM tenant_head WHERE tenant_id = $1'

const COLUMNS = 'r.scope, r.id, r.revocation_position, r.at'

const OF = `
SELECT ${COLUMNS} FROM json_to_recordset($2::json) AS t(scope text, id text)
JOIN revocation r ON r.tenant_id = $1 AND r.scope = t.scope AND r.id = t.id`

const AFTER = `
SELECT ${COLUMNS} FROM revocation r WHERE r.tenant_id = $1 AND r.revocation_position > $2::bigint
ORDER BY r.revocation_position LIMIT $3::int`
