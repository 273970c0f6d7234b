import type { Migration } from '../database/migrate.ts'

/** What a send looks up, and what it only adds to. */
const LOOKED_UP = ['tenant_head', 'user', 'conversation', 'member', 'message', 'idempotency_key']
const ADDED_TO = ['message', 'event', 'idempotency_key']

/** No operator that an index could serve: sorted for each look-up, the array would cost more than the look-up. */
const NAMED = `array_position(
  (SELECT nullif(current_setting('colloquy.tenant_ids', true), '')::text[]), tenant_id) IS NOT NULL`

/**
 * What a transaction of several tenants may touch: the rows of those in `colloquy.tenant_ids`, an array of text in Postgres' own words. Unset and empty
 * that opens nothing: what was set for a transaction is an empty text after it. The array is read in a query of its own, once for each table that a
 * statement names; read with each row it cost 3 µs for each, and searched as a text 8.
 *
 * A table's policies are those of the name that a statement uses for it. So each table is the one partition of a `shared_` table, and by its own name it
 * shows the rows of `colloquy.tenant_id` alone, as ever. A second policy of its own would be a choice in each of its statements, for which no index can
 * decide: 0.15 µs for each row that is read, a fifth of a page of the log and a quarter of the counting of unread messages.
 * A column that is to be new in one of them is added to its `shared_` table.
 */
const shared = LOOKED_UP.map(
  table => `
CREATE TABLE shared_${table} (LIKE "${table}") PARTITION BY LIST (tenant_id);
ALTER TABLE shared_${table} ATTACH PARTITION "${table}" DEFAULT;
ALTER TABLE shared_${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE shared_${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants_isolation ON shared_${table} USING (${NAMED});`,
)

/** A row that is only added needs no partition, which takes time to find; and nothing is planned around this policy. */
const added = ADDED_TO.map(table => `CREATE POLICY tenants_isolation ON ${table} FOR INSERT WITH CHECK (${NAMED});`)

export const severalTenants: Migration = { id: 5, name: 'several tenants', sql: [...shared, ...added].join('\n') }
