import { vi } from 'vitest'
import type { Database, Pipeline, Row, Statement } from '../../../src/store/database/database.ts'
import type { TenantQueue } from '../../../src/store/log/line.ts'

interface UnderWay {
  /** Whose statements it carries. */
  readonly tenants: readonly string[]
  readonly statements: readonly Statement[]
  readonly pipeline: Pipeline | undefined
  answer(): void
  refuse(error: unknown): void
}

/** A database that answers when it is told to, and says which tenants each of its transactions carries. */
export function slowDatabase(writers: number) {
  const underWay: UnderWay[] = []
  const commit: Database['commit'] = (statements, pipeline) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly (readonly Row[])[]>()
    const tenants = statements.flatMap(({ name }) => (name.startsWith('of ') ? [name.slice(3)] : []))
    underWay.push({ tenants, statements, pipeline, answer: () => resolve(statements.map(() => [])), refuse: reject })
    return promise
  }
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
      const what = { tenantId, commands, bytes, actors: () => new Set<string>(), together: undefined }
      return { ...what, statements, accept, fail() {}, halves: () => [] }
    },
    takeBehind: () => undefined,
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
