import type { Migration } from '../database/migrate.ts'

/**
 * Every key begins with the tenant, and row-level security holds every table to the tenant that the transaction named. `seq` and the receipt
 * numbers are 32 bits, as GraphQL's Int is; positions and marks are 64. Identifiers compare by bytes (COLLATE "C").
 */
const tables = `
CREATE TABLE tenant (
  tenant_id text COLLATE "C" PRIMARY KEY,
  -- The place just before the oldest event that is still kept, and its mark: 0 and a mark of its own until something is pruned.
  floor_position bigint NOT NULL DEFAULT 0,
  floor_mark bigint NOT NULL DEFAULT hashtextextended(gen_random_uuid()::text, 0),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- The row that every durable write of the tenant locks first. Nothing else may live in it.
CREATE TABLE tenant_head (
  tenant_id text COLLATE "C" PRIMARY KEY REFERENCES tenant,
  position bigint NOT NULL DEFAULT 0,
  receipt_position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE "user" (
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenant,
  user_id text COLLATE "C" NOT NULL,
  name text,
  avatar_url text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE conversation (
  tenant_id text COLLATE "C" NOT NULL REFERENCES tenant,
  conversation_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DIRECT', 'GROUP', 'PUBLIC')),
  title text,
  metadata json,
  -- Of DIRECT ones: a hash of the set of members.
  direct_key text COLLATE "C" CHECK ((kind = 'DIRECT') = (direct_key IS NOT NULL)),
  created_by text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  archived_at timestamptz(3),
  member_count integer NOT NULL,
  last_seq integer NOT NULL,
  last_position bigint NOT NULL,
  last_message_id uuid,
  PRIMARY KEY (tenant_id, conversation_id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES "user"
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX conversation_direct ON conversation (tenant_id, direct_key) WHERE direct_key IS NOT NULL;
CREATE INDEX conversation_public ON conversation (tenant_id, conversation_id) WHERE kind = 'PUBLIC';

-- A row per stretch of membership. The open one (to_position null) is the current membership and holds how far its member got.
CREATE TABLE member (
  tenant_id text COLLATE "C" NOT NULL,
  conversation_id uuid NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  from_position bigint NOT NULL,
  to_position bigint,
  role text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
  joined_at timestamptz(3) NOT NULL,
  last_delivered_seq integer NOT NULL,
  last_delivered_at timestamptz(3),
  last_delivered_message_id uuid,
  last_read_seq integer NOT NULL,
  last_read_at timestamptz(3),
  last_read_message_id uuid,
  PRIMARY KEY (tenant_id, conversation_id, user_id, from_position),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation,
  FOREIGN KEY (tenant_id, user_id) REFERENCES "user"
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX member_current ON member (tenant_id, conversation_id, user_id) WHERE to_position IS NULL;
-- Owners are few and asked for among any number of members: without it the planner reads the whole table for two of them (measured).
CREATE INDEX member_owner ON member (tenant_id, conversation_id) WHERE to_position IS NULL AND role = 'OWNER';
CREATE INDEX member_of_user ON member (tenant_id, user_id, conversation_id);

-- No foreign keys from here on: the statement that writes a row has the conversation locked and in hand, and conversations are never deleted.
CREATE TABLE message (
  tenant_id text COLLATE "C" NOT NULL,
  message_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  seq integer NOT NULL,
  position bigint NOT NULL,
  sender_id text COLLATE "C" NOT NULL,
  content text,
  metadata json,
  mentions text[] NOT NULL,
  reply_to_id uuid,
  version integer NOT NULL,
  client_message_id text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  edited_at timestamptz(3),
  deleted_at timestamptz(3),
  PRIMARY KEY (tenant_id, message_id)
);
CREATE UNIQUE INDEX message_of_conversation ON message (tenant_id, conversation_id, seq);

-- The log. refs holds ids and versions, never words.
CREATE TABLE event (
  tenant_id text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  mark bigint NOT NULL DEFAULT hashtextextended(gen_random_uuid()::text, 0),
  conversation_id uuid NOT NULL,
  seq integer NOT NULL,
  kind text NOT NULL,
  actor_id text COLLATE "C",
  refs json NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, position)
);
CREATE UNIQUE INDEX event_of_conversation ON event (tenant_id, conversation_id, position);

-- What a client's key made, and a hash of the input it came with. Outlives what it points at.
CREATE TABLE idempotency_key (
  tenant_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  scope text NOT NULL CHECK (scope IN ('message', 'conversation')),
  key text COLLATE "C" NOT NULL,
  target_id uuid NOT NULL,
  input_hash bytea NOT NULL,
  PRIMARY KEY (tenant_id, user_id, scope, key)
);

-- One row per advance of a member ("delivered or read up to and including seq") or per failure (that one message).
CREATE TABLE receipt (
  tenant_id text COLLATE "C" NOT NULL,
  conversation_id uuid NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DELIVERED', 'READ', 'FAILED')),
  seq integer NOT NULL,
  -- How far the member was before this advance, which may be further than the row before says: not every advance is kept. Null for a failure.
  after_seq integer,
  message_id uuid NOT NULL,
  receipt_position bigint NOT NULL,
  reason text,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, conversation_id, user_id, kind, seq)
);
CREATE UNIQUE INDEX receipt_in_order ON receipt (tenant_id, receipt_position);
`

const TENANT_TABLES = [
  'tenant',
  'tenant_head',
  '"user"',
  'conversation',
  'member',
  'message',
  'event',
  'idempotency_key',
  'receipt',
]

const isolation = TENANT_TABLES.map(
  table => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = current_setting('colloquy.tenant_id', true));`,
).join('\n')

export const initial: Migration = { id: 1, name: 'initial', sql: tables + isolation }
