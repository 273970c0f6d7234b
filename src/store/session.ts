import type { Statement } from './database/database.ts'

/**
 * Names the tenant for row-level security, for what follows in this transaction, and nobody else any more. A statement of its own: set in the statement
 * that reads, it may come too late.
 */
export function asTenant(tenantId: string): Statement {
  return { name: 'as_tenant', text: AS_TENANT, values: [tenantId] }
}

/** Names several tenants: their rows are seen by the `shared_` names of tables until one is named. For statements that say with every row whose it is. */
export function asTenants(tenantIds: readonly string[]): Statement {
  return { name: 'as_tenants', text: AS_TENANTS, values: [tenantIds] }
}

const AS_TENANT = `
SELECT set_config('colloquy.tenant_id', $1, true), set_config('colloquy.tenant_ids', ARRAY[$1::text]::text, true)`

const AS_TENANTS = `
SELECT set_config('colloquy.tenant_id', '', true), set_config('colloquy.tenant_ids', $1::text[]::text, true)`
