import type { Cursor } from '../../domain/position.ts'
import type { Row, Statement } from '../database/database.ts'
import * as column from '../row.ts'

/** Where the tenant's log ends, in the snapshot that the statement runs in. */
export function headStatement(tenantId: string): Statement {
  return { name: 'head', text: HEAD, values: [tenantId] }
}

export function headOf(rows: readonly Row[]): Cursor {
  const [row] = rows
  if (row === undefined) throw new TypeError('the tenant has no head: its user was never ensured')
  return cursorOf(row)
}

export function cursorOf(row: Row): Cursor {
  return { position: column.position(row, 'position'), mark: column.bigint(row, 'mark') }
}

/** A log without events, or whose last event was pruned, ends at its floor. */
const HEAD = `
SELECT h.position, coalesce(e.mark, t.floor_mark) AS mark FROM tenant_head h
JOIN tenant t ON t.tenant_id = h.tenant_id
LEFT JOIN event e ON e.tenant_id = h.tenant_id AND e.position = h.position
WHERE h.tenant_id = $1`
