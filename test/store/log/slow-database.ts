import { vi } from 'vitest'
import type { Statement } from '../../../src/store/database/database.ts'
import type { TenantQueue } from '../../../src/store/log/line.ts'

/** A database that answers when it is told to, and says which tenants each of its transactions carries. */
export function slowDatabase(writers: number) {
  const underWay: { readonly tenants: readonly string[]; answer(): void }[] = []
  const commit = (statements: readonly Statement[]) =>
    new Promise<readonly (readonly never[])[]>(resolve => {
      const tenants = statements.flatMap(({ name }) => (name.startsWith('of ') ? [name.slice(3)] : []))
      underWay.push({ tenants, answer: () => resolve(statements.map(() => [])) })
    })
  return { database: { writers, commit }, underWay }
}

export function queueOf(tenantId: string, { commands = 1, bytes = 1, accept = () => {} } = {}) {
  const taken: { readonly batchCommands: number; readonly batchBytes: number }[] = []
  const done = vi.fn()
  const queue: TenantQueue = {
    tenantId,
    length: commands,
    take(room) {
      taken.push(room)
      const statements = () => [{ name: `of ${tenantId}`, text: '', values: [] }]
      return { tenantId, commands, bytes, together: undefined, statements, accept, fail() {}, halves: () => [] }
    },
    done,
    refuse() {},
  }
  return { queue, taken, done }
}

/** The end of the present turn of the event loop. */
export const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Some turns later: what can leave has left. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn()
}
