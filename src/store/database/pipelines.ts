import type { PoolClient } from 'pg'
import { type ConnectionPool, holdsBack } from './connection-pool.ts'
import type { Pipeline } from './database.ts'

/** Where a task stands among those of its connection. */
export interface Place {
  /** Resolves when the task before it has settled; there is none when none of them is under way. */
  readonly ahead: Promise<unknown> | undefined
  /** Whether another task was given the same connection after it. */
  isFollowed(): boolean
}

export type Task<Result> = (client: PoolClient, place: Place) => Promise<Result>

/** A connection that is lent to a pipeline for as long as anything of it is under way. */
interface Loan {
  readonly client: Promise<PoolClient>
  underWay: number
  /** Resolves when the task given last has settled. */
  last: Promise<unknown> | undefined
  /** A task of it failed: no other is given its connection. */
  failed: boolean
  /** Why nobody at all is to have the connection after it. */
  failure: unknown
  end(failure: unknown): void
}

/**
 * Gives the tasks of a pipeline one connection, each as soon as it comes. Once one of them has failed, and while others want a connection, the next one asks the pool
 * for another when those before it have settled: so nobody keeps one for ever. Rejects as the pool and the task do.
 */
export function createPipelines(pool: Pick<ConnectionPool, 'use' | 'wanted'>) {
  const loans = new Map<Pipeline, Loan>()

  function loanOf(pipeline: Pipeline): Loan {
    const open = loans.get(pipeline)
    if (open !== undefined && !open.failed && !pool.wanted) return open
    const loan = borrow(pool, open?.last)
    loans.set(pipeline, loan)
    return loan
  }

  return async <Result>(pipeline: Pipeline, task: Task<Result>): Promise<Result> => {
    const loan = loanOf(pipeline)
    const place = { ahead: loan.last, isFollowed: () => loan.last !== settled }
    const result = loan.client.then(client => task(client, place))
    const settled = result.catch(() => undefined)
    loan.last = settled
    loan.underWay++
    try {
      return await result
    } catch (error) {
      loan.failed = true
      if (holdsBack(error)) loan.failure = error
      throw error
    } finally {
      loan.underWay--
      if (loan.underWay === 0) {
        if (loans.get(pipeline) === loan) loans.delete(pipeline)
        loan.end(loan.failure)
      }
    }
  }
}

/** Asks the pool for a connection, when `before` has resolved. */
function borrow(pool: Pick<ConnectionPool, 'use'>, before: Promise<unknown> | undefined): Loan {
  const lent = Promise.withResolvers<PoolClient>()
  const over = Promise.withResolvers<void>()
  const use = () =>
    pool.use(client => {
      lent.resolve(client)
      return over.promise
    })
  const used = before === undefined ? use() : before.then(use)
  used.catch(lent.reject)
  return {
    client: lent.promise,
    underWay: 0,
    last: undefined,
    failed: false,
    failure: undefined,
    end: failure => (failure === undefined ? over.resolve() : over.reject(failure)),
  }
}
