import type { Migration } from '../database/migrate.ts'

/**
 * Which tokens are taken back: a row for each user, or for each token by its `jti`. Neither has to be known here: a token may be taken back before it
 * was ever used, so that nothing tells whether there is one. `revocation_position` counts in the head, where one read sees it of many tenants.
 */
const sql = `
CREATE TABLE revocation (
  tenant_id text COLLATE "C" NOT NULL,
  scope text NOT NULL CHECK (scope IN ('user', 'token')),
  id text COLLATE "C" NOT NULL,
  revocation_position bigint NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, scope, id)
);
CREATE UNIQUE INDEX revocation_in_order ON revocation (tenant_id, revocation_position);

ALTER TABLE revocation ENABLE ROW LEVEL SECURITY;
ALTER TABLE revocation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON revocation USING (tenant_id = current_setting('colloquy.tenant_id', true));

ALTER TABLE tenant_head ADD COLUMN revocation_position bigint NOT NULL DEFAULT 0;
`

export const revocations: Migration = { id: 3, name: 'revocations', sql }
