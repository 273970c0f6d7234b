import type { Database, Row, Statement } from './database/database.ts'

/** Names the tenant for row-level security, for this transaction only. A statement of its own: set in the statement that reads, it may come too late. */
export function asTenant(tenantId: string): Statement {
  return { name: 'as_tenant', text: `SELECT set_config('colloquy.tenant_id', $1, true)`, values: [tenantId] }
}

/** Reads of one tenant: the rows of each statement, all from one snapshot. */
export type TenantRead = (...statements: readonly Statement[]) => Promise<readonly (readonly Row[])[]>

export function createTenantRead(database: Database, tenantId: string): TenantRead {
  const named = asTenant(tenantId)
  return async (...statements) => (await database.read([named, ...statements])).slice(1)
}
