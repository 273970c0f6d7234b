import { StatementError, UnavailableError } from './database.ts'

/**
 * SQLSTATEs that say nothing about the statement itself: asked again, later or elsewhere, it may well succeed. Two characters stand for a class.
 * 08 connection · 40 serialization failure, deadlock · 53 resources, connections · 57P operator intervention, shutdown · 58 system error ·
 * 25P03, 25P04 idle or whole transaction timed out · 55P03 lock_timeout · 57014 statement_timeout
 */
const PASSING = ['08', '40', '53', '57P', '58', '25P03', '25P04', '55P03', '57014']

/** Those of them that end the transaction and leave the session: what follows, the commit included, is then refused. */
const UNDONE = ['40001', '40P01', '55P03', '57014']

/** What a driver's error means to the callers of the port. An error without a SQLSTATE is a lost, refused or silent connection. */
export function failureOf(error: unknown): StatementError | UnavailableError {
  if (error instanceof StatementError || error instanceof UnavailableError) return error
  const message = error instanceof Error ? error.message : String(error)
  const sqlState = sqlStateOf(error)
  return sqlState === undefined || PASSING.some(code => sqlState.startsWith(code))
    ? new UnavailableError(message, { cause: error, undone: sqlState !== undefined && UNDONE.includes(sqlState) })
    : new StatementError(sqlState, message, { cause: error })
}

/** The SQLSTATE of an error that Postgres itself reported; the platform's own codes (ECONNRESET) are none. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
