import type { RevocationRecord } from '../domain/revocation.ts'
import { isPlainUnicode } from '../domain/text.ts'
import type { Row, Statement } from './database/database.ts'
import * as column from './row.ts'
import type { RevocationStretch, StoredRevocations } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createStoredRevocations(reads: TenantReads, tenantId: string): StoredRevocations {
  async function stretch(position: number, statement: Statement): Promise<RevocationStretch> {
    const head = { name: 'revocation_head', text: HEAD, values: [tenantId, position] }
    const [heads = [], rows = []] = await reads.grouped(head, statement)
    return { ...placesOf(heads[0]), revocations: rows.map(revocationOf) }
  }

  return {
    async of(targets) {
      const askable = targets.filter(({ id }) => isPlainUnicode(id)).map(({ scope, id }) => ({ scope, id }))
      const values = [tenantId, JSON.stringify(askable)]
      const { head, revocations } = await stretch(0, { name: 'revocations_of', text: OF, values })
      return { head, revocations }
    },
    after: (position, limit) =>
      stretch(position, { name: 'revocations_after', text: AFTER, values: [tenantId, position, limit] }),
  }
}

/** A tenant without a head has seen no token yet. */
function placesOf(row: Row | undefined): Pick<RevocationStretch, 'head' | 'mark'> {
  if (row === undefined) return { head: { position: 0, mark: 0n }, mark: null }
  const head = { position: column.position(row, 'revocation_position'), mark: column.bigint(row, 'revocation_mark') }
  return { head, mark: column.orNull(column.bigint, row, 'mark') }
}

export function revocationOf(row: Row): RevocationRecord {
  return {
    scope: column.word(row, 'scope', ['user', 'token']),
    id: column.text(row, 'id'),
    revocationPosition: column.position(row, 'revocation_position'),
    mark: column.bigint(row, 'mark'),
    at: column.instant(row, 'at'),
  }
}

const HEAD = `
SELECT h.revocation_position, h.revocation_mark, r.mark FROM tenant_head h
LEFT JOIN revocation r ON r.tenant_id = $1 AND r.revocation_position = $2::bigint WHERE h.tenant_id = $1`

const COLUMNS = 'r.scope, r.id, r.revocation_position, r.mark, r.at'

const OF = `
SELECT ${COLUMNS} FROM json_to_recordset($2::json) AS t(scope text, id text)
JOIN revocation r ON r.tenant_id = $1 AND r.scope = t.scope AND r.id = t.id`

const AFTER = `
SELECT ${COLUMNS} FROM revocation r WHERE r.tenant_id = $1 AND r.revocation_position > $2::bigint
ORDER BY r.revocation_position LIMIT $3::int`
