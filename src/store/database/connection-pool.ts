import { once } from 'node:events'
import { Pool, type PoolClient, type PoolConfig } from 'pg'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { LOWER_SESSION } from './application-role.ts'
import { columnParser } from './column.ts'
import { CONNECTION } from './connection.ts'
import { StatementError, UnavailableError } from './database.ts'
import { createEntrance } from './entrance.ts'
import { PLAN_ONCE } from './plan-once.ts'

/** Milliseconds to wait for a new connection, and for one that others still use while none of them is served. */
const CONNECT_TIMEOUT = 5_000
/** Milliseconds that a caller waits at most for a connection, however fast the others are served. */
const LONGEST_WAIT = 30_000
/** Callers that may wait for a connection at once; beyond, the database counts as unavailable. */
const WAITING = 10_000
/** Milliseconds that `close` grants the server to say goodbye. */
const CLOSE_TIMEOUT = 2_000

/**
 * What every session has. A lock is waited for 2 s; a transaction whose client falls silent holds its locks for 2 s; a statement runs for 5 s; a peer
 * that is gone is found by keepalive after 10 s without a word and three more probes 5 s apart.
 *
 * Three holes are left. By each of two a stopped client kept its locks for as long as it was stopped (measured): no timer runs while a backend writes an
 * answer that nobody reads, which `tcp_user_timeout` ends after 2 s, and none while it waits for the rest of a message whose statement is being
 * prepared in the same flush, which `transaction_timeout`, where the server has it (from 17 on), ends after 6 s. The third is the end of a run (see
 * transaction.ts) that a network has lost for good: 6 s likewise, else the 25 s of keepalive.
 */
const SESSION: PoolConfig = {
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 2_000,
  statement_timeout: 5_000,
  ...CONNECTION,
}
const SETTINGS = `
SELECT set_config('TimeZone', 'UTC', false), set_config('tcp_keepalives_idle', '10', false),
  set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false),
  set_config('tcp_user_timeout', '2000', false),
  (SELECT set_config(name, '6s', false) FROM pg_settings WHERE name = 'transaction_timeout')`
/** What its transactions are, whatever the database has as its default. */
const TRANSACTIONS = {
  writing: `SELECT set_config('default_transaction_isolation', 'read committed', false);`,
  reading: `SELECT set_config('default_transaction_isolation', 'repeatable read', false),
    set_config('default_transaction_read_only', 'on', false);`,
}

/** Connections whose sessions are set up and bound by row-level security. */
export interface ConnectionPool {
  /** Whether whoever has a connection is to give it back soon: somebody waits for one, or the pool closes. */
  readonly wanted: boolean
  /** Gives `task` a connection of its own. Rejects with `UnavailableError` when none can be had, else as the task does. */
  use<Result>(task: (client: PoolClient) => Promise<Result>): Promise<Result>
  /** Takes no more tasks, and waits for those it has; what is not done in 2 s is broken off. */
  close(): Promise<void>
}

export function createConnectionPool(options: {
  readonly url: string
  readonly size: number
  /** Transactions for writing are read committed, those for reading are one read-only snapshot. */
  readonly for: keyof typeof TRANSACTIONS
  readonly clock: Clock
  readonly logger: Logger
}): ConnectionPool {
  const { clock, logger } = options
  const pool = new Pool({
    ...SESSION,
    connectionString: options.url,
    max: options.size,
    // An idle connection costs less than its making and the preparing of its statements anew.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    pipeline: true,
    types: { getTypeParser: columnParser },
    onConnect: client => setUp(client, TRANSACTIONS[options.for]),
  })
  const limits = { places: options.size, most: WAITING, stallMs: CONNECT_TIMEOUT, longestMs: LONGEST_WAIT }
  const entrance = createEntrance({ clock, ...limits })
  const clients = new Set<PoolClient>()
  /** Those who are in and whose connection is being made. */
  const connecting = new Set<(error: UnavailableError) => void>()
  const lent = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  const lost = (error: Error) => logger.warn({ reason: error.message }, 'database connection lost')
  // The pool drops the connection by itself; without a listener the event would end the process.
  pool.on('error', lost)
  pool.on('connect', client => {
    clients.add(client)
    // In use, a connection is nobody's but its user's, who learns of the loss from the statement under way.
    client.on('error', () => undefined)
    client.once('end', () => clients.delete(client))
  })

  function acquire(): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      connecting.add(reject)
      pool.connect().then(
        client => {
          // Refused meanwhile, by `close`.
          if (!connecting.delete(reject)) client.release(true)
          else resolve(client)
        },
        (error: unknown) => {
          connecting.delete(reject)
          reject(new UnavailableError(`no database connection: ${messageOf(error)}`, { cause: error }))
        },
      )
    })
  }

  async function lend<Result>(task: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const wait = entrance.enter()
    if (wait !== undefined) await wait
    let served = false
    try {
      const client = await acquire()
      try {
        const result = await task(client)
        served = isSound(client)
        return result
      } catch (error) {
        served = isSound(client) && !holdsBack(error)
        throw error
      } finally {
        if (!served) client.connection.stream.destroy()
        client.release(!served)
      }
    } finally {
      entrance.leave({ served })
    }
  }

  async function shut(): Promise<void> {
    const cancel = clock.after(CLOSE_TIMEOUT, () => {
      const closing = new UnavailableError('the database is closed')
      entrance.refuse(closing)
      for (const refuse of connecting) refuse(closing)
      connecting.clear()
      for (const client of clients) client.connection.stream.destroy()
    })
    await Promise.allSettled(lent)
    await Promise.all([pool.end(), ...Array.from(clients, client => once(client, 'end'))])
    cancel()
  }

  return {
    get wanted() {
      return closed !== undefined || entrance.crowded
    },
    async use(task) {
      if (closed !== undefined) throw new UnavailableError('the database is closed')
      const result = lend(task)
      lent.add(result)
      try {
        return await result
      } finally {
        lent.delete(result)
      }
    },
    close() {
      closed ??= shut()
      return closed
    },
  }
}

/** One failure fails all of it, so a session that cannot be lowered is never used. */
async function setUp(client: Pick<PoolClient, 'query'>, transactions: string): Promise<void> {
  const query = { text: `${SETTINGS};${PLAN_ONCE};${transactions}${LOWER_SESSION}`, query_timeout: CONNECT_TIMEOUT }
  await client.query(query)
}

/** Whether the next user finds the connection alive and outside of any transaction. */
function isSound(client: PoolClient): boolean {
  return client.connection.stream.writable && client.getTransactionStatus() === 'I'
}

/**
 * Failures that every later transaction on the same connection would meet again: a prepared statement that the server forgot (26000) or whose tables
 * changed under it (0A000), and a server that became a read-only standby (25006).
 */
export function holdsBack(error: unknown): boolean {
  return error instanceof StatementError && ['26000', '0A000', '25006'].includes(error.sqlState)
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
