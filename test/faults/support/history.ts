import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'

export interface Written {
  readonly tenantId: string
  readonly conversationId: string
  readonly senderId: string
  readonly count: number
}

type Run = (text: string, values: readonly unknown[]) => Promise<unknown>

/**
 * Writes messages as rows, as the server itself would have, ids of version 7 too: their events, the heads of tenant and conversation. The server must not run. For a log that would
 * take minutes to send.
 */
export async function writeMessages(
  database: { readonly url: string } | { readonly path: string },
  { tenantId, conversationId, senderId, count }: Written,
): Promise<void> {
  await withDatabase(database, async run => {
    await run(MESSAGES, [tenantId, conversationId, senderId, count])
    await run(EVENTS, [tenantId, conversationId])
    await run(CONVERSATION, [tenantId, conversationId])
    await run(HEAD, [tenantId])
    // As the database does by itself after a while; without it the planner takes the log for empty.
    await run('ANALYZE', [])
  })
}

async function withDatabase(
  database: { readonly url: string } | { readonly path: string },
  work: (run: Run) => Promise<void>,
) {
  if ('path' in database) {
    const embedded = await PGlite.create(database.path)
    await work((text, values) => embedded.query(text, [...values])).finally(() => embedded.close())
    return
  }
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await work((text, values) => client.query(text, [...values])).finally(() => client.end())
}

const MESSAGES = `
INSERT INTO message (tenant_id, message_id, conversation_id, seq, position, sender_id, content, mentions, version,
  client_message_id, created_at)
SELECT $1, overlay(gen_random_uuid()::text PLACING '7' FROM 15)::uuid, c.conversation_id, c.last_seq + nth, h.position + nth, $3, repeat('word ', 40), '{}', 1,
  'written ' || nth, now()
FROM conversation c JOIN tenant_head h USING (tenant_id), generate_series(1, $4::int) nth
WHERE c.tenant_id = $1 AND c.conversation_id = $2::uuid`

const EVENTS = `
INSERT INTO event (tenant_id, position, conversation_id, seq, kind, actor_id, refs, at)
SELECT m.tenant_id, m.position, m.conversation_id, m.seq, 'MessageSent', m.sender_id,
  json_build_object('messageId', m.message_id, 'version', 1), m.created_at
FROM message m JOIN conversation c USING (tenant_id, conversation_id)
WHERE m.tenant_id = $1 AND m.conversation_id = $2::uuid AND m.seq > c.last_seq`

const CONVERSATION = `
UPDATE conversation c SET last_seq = m.seq, last_position = m.position, last_message_id = m.message_id
FROM (SELECT * FROM message WHERE tenant_id = $1 AND conversation_id = $2::uuid ORDER BY seq DESC LIMIT 1) m
WHERE c.tenant_id = $1 AND c.conversation_id = $2::uuid`

const HEAD = `
UPDATE tenant_head h SET position = e.position, mark = e.mark
FROM (SELECT * FROM event WHERE tenant_id = $1 ORDER BY position DESC LIMIT 1) e WHERE h.tenant_id = $1`
