import type { Migration } from '../database/migrate.ts'

/**
 * The head says its mark itself, so that one row tells whether the log is still the one that was read. And `colloquy.door` opens the heads of all
 * tenants, to be read: where each log ends, and nothing of what is in it. Whoever owns the tables is bound by their policies while they are forced.
 */
const sql = `
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_head NO FORCE ROW LEVEL SECURITY;
ALTER TABLE event NO FORCE ROW LEVEL SECURITY;

ALTER TABLE tenant_head ADD COLUMN mark bigint;
UPDATE tenant_head h SET mark = coalesce(e.mark, t.floor_mark) FROM tenant t
LEFT JOIN event e ON e.tenant_id = t.tenant_id
  AND e.position = (SELECT p.position FROM tenant_head p WHERE p.tenant_id = t.tenant_id)
WHERE t.tenant_id = h.tenant_id;
ALTER TABLE tenant_head ALTER COLUMN mark SET NOT NULL;

ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant_head FORCE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;

CREATE POLICY heads ON tenant_head FOR SELECT USING (current_setting('colloquy.door', true) = 'heads');
`

export const heads: Migration = { id: 2, name: 'heads', sql }
