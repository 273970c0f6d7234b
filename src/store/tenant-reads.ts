import { type Database, type Row, type Statement, UnavailableError } from './database/database.ts'
import { asTenant } from './session.ts'

/** Resolves with the rows of each statement, all from one snapshot. Rejects as the database's `read` does. */
type Read = (...statements: readonly Statement[]) => Promise<readonly (readonly Row[])[]>

/** How one tenant is read. */
export interface TenantReads {
  /**
   * For what is found by an index and ends after a page or a window of the log. What is asked for in one turn of the event loop shares transactions:
   * naming the tenant, beginning and ending cost more than most such reads themselves.
   */
  readonly grouped: Read
  /** For what takes the longer the more there is of it, so that nobody waits for it but who asked. */
  readonly alone: Read
}

/** So many share a transaction at most. With twice and eight times as many, a crowd that came back was served no sooner. */
const MOST_GROUPED = 8

interface Waiting {
  readonly statements: readonly Statement[]
  resolve(rows: readonly (readonly Row[])[]): void
  reject(error: unknown): void
}

export function createTenantReads(database: Pick<Database, 'read'>, tenantId: string): TenantReads {
  const named = asTenant(tenantId)
  let waiting: Waiting[] = []

  async function snapshot(...statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    return (await database.read([named, ...statements])).slice(1)
  }

  function leave(): void {
    const all = waiting
    waiting = []
    for (let n = 0; n < all.length; n += MOST_GROUPED) void share(all.slice(n, n + MOST_GROUPED))
  }

  async function share(reads: readonly Waiting[]): Promise<void> {
    try {
      const rows = await snapshot(...reads.flatMap(({ statements }) => statements))
      let taken = 0
      for (const { statements, resolve } of reads) {
        resolve(rows.slice(taken, taken + statements.length))
        taken += statements.length
      }
    } catch (error) {
      if (reads.length > 1 && isOfOne(error)) await Promise.all(reads.map(read => share([read])))
      else for (const { reject } of reads) reject(error)
    }
  }

  return {
    grouped(...statements) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(leave)
        waiting.push({ statements, resolve, reject })
      })
    },
    alone: snapshot,
  }
}

/** Whether it may be the fault of one statement, so that the others would get an answer without it. */
function isOfOne(error: unknown): boolean {
  return !(error instanceof UnavailableError) || error.undone
}
