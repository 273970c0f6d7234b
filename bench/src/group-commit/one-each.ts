import type { Command } from '../../../src/store/command.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { planBatch } from '../../../src/store/log/batch.ts'
import { asTenant } from '../../../src/store/session.ts'
import type { Store, TenantStore } from '../../../src/store/store.ts'

/**
 * The same store without group commit: every command is a transaction of its own, on whichever connection is free, under the same lock and in the same
 * single flush. What it writes, checks and promises is what the product's batches do; only the sharing of a transaction is taken away.
 */
export function oneTransactionEach(store: Store, database: Database): Store {
  const tenants = new Map<string, TenantStore>()

  function alone(tenantId: string) {
    return async <Result>(command: Command<Result>): Promise<Result | undefined> => {
      const plan = planBatch(tenantId, [command])
      const results = await database.commit([asTenant(tenantId), lockHead(tenantId), ...plan.statements])
      const rows = results[2] ?? []
      return command.kind.read(rows, command.input)?.result
    }
  }

  return {
    ...store,
    tenant(id) {
      const known = tenants.get(id)
      if (known !== undefined) return known
      const tenant = store.tenant(id)
      const made = { ...tenant, log: { ...tenant.log, submit: alone(id) } }
      tenants.set(id, made)
      return made
    },
  }
}

/** As the product's writer takes it. */
function lockHead(tenantId: string) {
  return {
    name: 'lock_head',
    text: 'SELECT FROM tenant_head WHERE tenant_id = $1 FOR NO KEY UPDATE',
    values: [tenantId],
  }
}
