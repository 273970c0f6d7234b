import type { Cursor } from '../../domain/position.ts'
import type { Database, Row, Statement } from '../database/database.ts'
import * as column from '../row.ts'
import type { TenantHead } from '../store.ts'

/** Where the tenant's log ends, in the snapshot that the statement runs in. */
export function headStatement(tenantId: string): Statement {
  return { name: 'head', text: HEAD, values: [tenantId] }
}

/** The same under the tenant's lock, which every durable write takes first: a statement of its own, so that each later one sees what this waited for. */
export function lockedHeadStatement(tenantId: string): Statement {
  return { name: 'locked_head', text: `${HEAD} FOR NO KEY UPDATE`, values: [tenantId] }
}

/**
 * The heads of several tenants under their locks, which are taken in the order in which the ids are given: whoever takes several gives them sorted, so
 * that no two transactions wait for each other. Each is looked up by its key, one after the other, whatever plan the session made first.
 */
export function lockedHeadsStatement(tenantIds: readonly string[]): Statement {
  return { name: 'locked_heads', text: LOCKED_HEADS, values: [tenantIds] }
}

export function headOf(rows: readonly Row[]): Cursor {
  const [row] = rows
  if (row === undefined) throw new TypeError('the tenant has no head: its user was never ensured')
  return cursorOf(row)
}

export function cursorOf(row: Row): Cursor {
  return { position: column.position(row, 'position'), mark: column.bigint(row, 'mark') }
}

/** The heads of several tenants, or a page of all there are: the one read that names no tenant, through a door that opens nothing else. */
export function createHeads(database: Pick<Database, 'read'>) {
  async function read(statement: Statement): Promise<readonly Row[]> {
    const [, rows = []] = await database.read([OPEN_DOOR, statement])
    return rows
  }

  return {
    async of(tenantIds: readonly string[]): Promise<ReadonlyMap<string, TenantHead>> {
      return byTenant(await read({ name: 'heads', text: HEADS, values: [tenantIds] }))
    },
    async after(tenantId: string, limit: number): Promise<ReadonlyMap<string, TenantHead>> {
      return byTenant(await read({ name: 'heads_after', text: HEADS_AFTER, values: [tenantId, limit] }))
    },
  }
}

function byTenant(rows: readonly Row[]): ReadonlyMap<string, TenantHead> {
  return new Map(rows.map(row => [column.text(row, 'tenant_id'), tenantHeadOf(row)]))
}

function tenantHeadOf(row: Row): TenantHead {
  return {
    ...cursorOf(row),
    receiptPosition: column.position(row, 'receipt_position'),
    revocationPosition: column.position(row, 'revocation_position'),
    revocationMark: column.bigint(row, 'revocation_mark'),
  }
}

/** A mark for a new event or revocation: 64 bits of the database's strong random source. */
export const NEW_MARK = 'hashtextextended(gen_random_uuid()::text, 0)'

/**
 * Of the nth of several events that one statement makes for a tenant, over its `head` (base, last, mark) and `nth`: the last one's is the head's, and the
 * others' follow from it by a hash, which costs a hundredth of drawing one.
 */
export const MARK_OF_NTH = `CASE WHEN head.base + nth = head.last THEN head.mark
    ELSE hashint8extended(head.base + nth, head.mark) END`

const HEAD = 'SELECT position, mark FROM tenant_head WHERE tenant_id = $1'

const LOCKED_HEADS = `
SELECT tenant.id AS tenant_id, h.* FROM unnest($1::text[]) AS tenant(id)
CROSS JOIN LATERAL (
  SELECT h.position, h.mark FROM shared_tenant_head h WHERE h.tenant_id = tenant.id LIMIT 1 FOR NO KEY UPDATE
) h`

const OPEN_DOOR: Statement = {
  name: 'open_door',
  text: `SELECT set_config('colloquy.door', 'heads', true)`,
  values: [],
}

const ALL = `
SELECT tenant_id, position, mark, receipt_position, revocation_position, revocation_mark FROM tenant_head`

const HEADS = `${ALL} WHERE tenant_id = ANY($1::text[])`

const HEADS_AFTER = `${ALL} WHERE tenant_id > $1::text ORDER BY tenant_id LIMIT $2::int`
