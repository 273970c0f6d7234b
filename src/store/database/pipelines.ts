import type { PoolClient } from 'pg'
import { type ConnectionPool, holdsBack } from './connection-pool.ts'
import type { Pipeline } from './database.ts'

/** `ahead` resolves when the task before it on the same connection has settled; there is none when nothing of the pipeline is under way. */
export type Task<Result> = (client: PoolClient, ahead: Promise<unknown> | undefined) => Promise<Result>

/** A connection that is lent to a pipeline for as long as anything of it is under way. */
interface Loan {
  readonly client: Promise<PoolClient>
  underWay: number
  /** Resolves when the task given last has settled. */
  last: Promise<unknown> | undefined
  /** Why nobody else is to have the connection. */
  failure: unknown
  end(): void
}

/**
 * Gives all tasks of a pipeline one connection, each as soon as it comes. Once one of them has failed, what comes later begins on another. Rejects as the
 * pool and the task do.
 */
export function createPipelines(pool: Pick<ConnectionPool, 'use'>) {
  const loans = new Map<Pipeline, Loan>()

  return async <Result>(pipeline: Pipeline, task: Task<Result>): Promise<Result> => {
    const loan = loans.get(pipeline) ?? borrow(pool)
    loans.set(pipeline, loan)
    const ahead = loan.last
    const result = loan.client.then(client => task(client, ahead))
    loan.last = result.catch(() => undefined)
    loan.underWay++
    try {
      return await result
    } catch (error) {
      close(pipeline, loan)
      if (holdsBack(error)) loan.failure = error
      throw error
    } finally {
      loan.underWay--
      if (loan.underWay === 0) {
        close(pipeline, loan)
        loan.end()
      }
    }
  }

  function close(pipeline: Pipeline, loan: Loan): void {
    if (loans.get(pipeline) === loan) loans.delete(pipeline)
  }
}

function borrow(pool: Pick<ConnectionPool, 'use'>): Loan {
  const lent = Promise.withResolvers<PoolClient>()
  const over = Promise.withResolvers<void>()
  pool
    .use(client => {
      lent.resolve(client)
      return over.promise
    })
    .catch(lent.reject)
  return {
    client: lent.promise,
    underWay: 0,
    last: undefined,
    failure: undefined,
    end() {
      if (this.failure === undefined) over.resolve()
      else over.reject(this.failure)
    },
  }
}
