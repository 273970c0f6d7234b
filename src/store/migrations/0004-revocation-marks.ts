import type { Migration } from '../database/migrate.ts'

/**
 * Each revocation has a mark, as each event has, and the head says that of the last one: a database that was put back to an older state may have as many
 * revocations again, and other ones. A node of before this writes no mark into the head: what it makes is read twice, and lost by nobody.
 */
const sql = `
ALTER TABLE revocation ADD COLUMN mark bigint NOT NULL DEFAULT hashtextextended(gen_random_uuid()::text, 0);
ALTER TABLE tenant_head ADD COLUMN revocation_mark bigint NOT NULL DEFAULT 0;

ALTER TABLE tenant_head NO FORCE ROW LEVEL SECURITY;
ALTER TABLE revocation NO FORCE ROW LEVEL SECURITY;
UPDATE tenant_head h SET revocation_mark = r.mark FROM revocation r
WHERE r.tenant_id = h.tenant_id AND r.revocation_position = h.revocation_position;
ALTER TABLE tenant_head FORCE ROW LEVEL SECURITY;
ALTER TABLE revocation FORCE ROW LEVEL SECURITY;
`

export const revocationMarks: Migration = { id: 4, name: 'revocation marks', sql }
