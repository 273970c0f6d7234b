import type { FieldDef, PoolClient, QueryResult } from 'pg'
import { columnParser } from './column.ts'
import { type Row, StatementError } from './database.ts'
import type { Place } from './pipelines.ts'
import { type PreparedStatement, runPrepared } from './prepared-run.ts'
import { failureOf } from './sql-state.ts'
import type { EncodedStatement } from './statement-encoder.ts'

/**
 * Bytes that leave this machine at once, whatever becomes of the process when it has written them: the system takes them whole, for nothing else waits in that
 * socket, and TCP begins with ten segments (RFC 6928: 14,600 bytes), so that a machine too may die. What is longer may arrive in parts, the first of which takes a lock,
 * and a server that waits for the rest of a run minds no timeout but `transaction_timeout`. So it has a Sync behind each statement: between those the idle timeout runs.
 */
const AT_ONCE = 12_000
/** Bytes of a prepared statement's messages besides its name and its values, and of a value besides itself; of the Sync at the end. */
const PER_STATEMENT = 30
const PER_VALUE = 6
const SYNC = 5

interface Session {
  /** How the rows of the statements that it has prepared are read. */
  readonly known: Map<string, PreparedStatement['readRow']>
  /** How many transactions wait for those ahead of them before they are sent: whoever comes behind them has to wait too. */
  unsent: number
}

type Transact = (
  client: PoolClient,
  statements: readonly EncodedStatement[],
  place?: Place,
) => Promise<readonly (readonly Row[])[]>

/**
 * Sends a whole transaction in one write and resolves with the rows of each of its statements once it is committed. Rejects with `StatementError` or
 * `UnavailableError`. It is read committed or what else the session has as its default.
 */
export function createTransactions(): Transact {
  const sessions = new WeakMap<PoolClient, Session>()

  return async (client, statements, { ahead, isFollowed } = ALONE) => {
    const session = sessions.get(client) ?? { known: new Map(), unsent: 0 }
    sessions.set(client, session)
    const { known } = session
    if (ahead !== undefined) {
      // `pg` takes a statement for prepared once it was sent, and the one ahead may be refused before it comes to that.
      if (session.unsent > 0 || !statements.every(({ name }) => known.has(name))) {
        session.unsent++
        await ahead
        session.unsent--
      }
      // The bytes of the one ahead may still wait in the socket.
      return inSteps(client, statements, known)
    }
    const prepared = preparedOf(statements, known)
    return prepared === undefined ? inSteps(client, statements, known) : inOneRun(client, prepared, isFollowed)
  }
}

const ALONE: Place = { ahead: undefined, isFollowed: () => false }

/** The statements as the session knows them; nothing when one is new to it, or when they are too long to leave at once. */
function preparedOf(
  statements: readonly EncodedStatement[],
  known: ReadonlyMap<string, PreparedStatement['readRow']>,
): readonly PreparedStatement[] | undefined {
  let bytes = SYNC
  const prepared: PreparedStatement[] = []
  for (const { name, values } of statements) {
    const readRow = known.get(name)
    if (readRow === undefined) return undefined
    bytes += PER_STATEMENT + name.length
    for (const value of values) bytes += PER_VALUE + (value === null ? 0 : Buffer.byteLength(value))
    if (bytes > AT_ONCE) return undefined
    prepared.push({ name, values, readRow })
  }
  return prepared
}

async function inOneRun(
  client: PoolClient,
  statements: readonly PreparedStatement[],
  isFollowed: Place['isFollowed'],
): Promise<readonly (readonly Row[])[]> {
  try {
    return await runPrepared(client, statements)
  } catch (error) {
    // The error may have been the session's last word, and nobody else is to be given the connection then: it has to answer once more, be it to what follows.
    if (!isFollowed()) await client.query('').catch(() => client.connection.stream.destroy())
    throw failureOf(error)
  }
}

/** Prepares what the session does not know, and learns it. */
async function inSteps(
  client: PoolClient,
  statements: readonly EncodedStatement[],
  known: Map<string, PreparedStatement['readRow']>,
): Promise<readonly (readonly Row[])[]> {
  const { stream } = client.connection
  const answers: Promise<QueryResult<Row>>[] = []
  stream.cork()
  try {
    answers.push(client.query<Row>('BEGIN'))
    for (const { name, text, values } of statements) {
      answers.push(client.query<Row>({ name, text, values: [...values] }))
    }
    answers.push(client.query<Row>('COMMIT'))
  } finally {
    stream.uncork()
  }
  const settled = await Promise.allSettled(answers)
  const rows: (readonly Row[])[] = []
  for (const [nth, answer] of settled.entries()) {
    // The first failure is the cause; those after it only say that the transaction is aborted.
    if (answer.status === 'rejected') throw failureOf(answer.reason)
    const name = statements[nth - 1]?.name
    if (name !== undefined && !known.has(name)) known.set(name, rowReader(answer.value.fields))
    rows.push(answer.value.rows)
  }
  const last = settled.at(-1)
  if (last?.status !== 'fulfilled' || last.value.command !== 'COMMIT') {
    throw new StatementError('25P02', 'the transaction was rolled back')
  }
  return rows.slice(1, -1)
}

function rowReader(fields: readonly FieldDef[]): PreparedStatement['readRow'] {
  const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: columnParser(dataTypeID) }))
  return texts => {
    const row: Record<string, unknown> = {}
    let nth = 0
    for (const { name, parse } of columns) {
      const text = texts[nth++] ?? null
      row[name] = text === null ? null : parse(text)
    }
    return row
  }
}
