import type { Row, Statement } from '../../src/store/database/database.ts'

/** Entries of indexes and rows of tables that the session has gone through in this transaction. */
const GONE_THROUGH: Statement = {
  name: 'gone_through',
  text: `SELECT sum(pg_stat_get_xact_tuples_returned(oid))::int AS total FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i')`,
  values: [],
}

/** How many of them the statements go through, run as one transaction by `run`. */
export async function goneThrough(
  run: (statements: readonly Statement[]) => Promise<readonly (readonly Row[])[]>,
  statements: readonly Statement[],
): Promise<number> {
  const results = await run([GONE_THROUGH, ...statements, GONE_THROUGH])
  return Number(results.at(-1)?.[0]?.['total']) - Number(results[0]?.[0]?.['total'])
}
