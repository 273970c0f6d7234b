import type { Migration } from '../database/migrate.ts'

/** What a send touches. */
const TABLES = ['tenant_head', '"user"', 'conversation', 'member', 'message', 'event', 'idempotency_key']

/**
 * `colloquy.tenant_ids`, an array of text in Postgres' own words, opens the rows of several tenants, so that one statement can write for all of them.
 * Unset and empty it opens nothing: a setting that was local to a transaction is an empty text after it. It is read once for each table that a
 * statement names, and only when a row is not of the tenant of `colloquy.tenant_id`: in a query of its own, for read with each row it cost half a
 * microsecond for each, and searched as a text two.
 */
const policies = TABLES.map(
  table => `
CREATE POLICY several_tenants ON ${table} USING (
  tenant_id = ANY ((SELECT nullif(current_setting('colloquy.tenant_ids', true), '')::text[])::text[]));`,
).join('')

export const severalTenants: Migration = { id: 5, name: 'several tenants', sql: policies }
