import { ask } from '../postgres.ts'
import type { Filling } from './contestant.ts'

const MEMBERS = 4
/** So many users share the conversations. */
export const FILLING_USERS = 1_000

/**
 * Puts conversations with messages into a tenant's empty log, as they would be had everyone sent them: the statements write what the commands write, for
 * a million rows at once. The tenant must be there. The users are `filler-0` and on, each a member of every conversation whose number fits theirs.
 */
export async function fill(url: string, tenantId: string, filling: Filling): Promise<void> {
  const { conversations, messagesEach } = filling
  const values = { tenant: `'${tenantId}'`, conversations, messages: messagesEach, events: messagesEach + 1 }
  for (const statement of STATEMENTS) {
    await ask(
      url,
      statement.replace(/(?<!:):(\w+)/g, (_, name) => String(values[name as keyof typeof values])),
    )
  }
  await ask(url, 'VACUUM ANALYZE')
}

const AT = `timestamptz '2025-01-01' + n * interval '1 second'`

const STATEMENTS = [
  `INSERT INTO "user" (tenant_id, user_id, name)
   SELECT :tenant, 'filler-' || n, 'Filler ' || n FROM generate_series(0, ${FILLING_USERS - 1}) n
   ON CONFLICT DO NOTHING`,
  `CREATE TABLE filling AS
   SELECT n, uuidv7(interval '1 second' * (n - :conversations)) AS id FROM generate_series(0, :conversations - 1) n`,
  `CREATE TABLE filling_message AS
   SELECT f.n, f.id AS conversation_id, m AS nth, uuidv7() AS id FROM filling f, generate_series(1, :messages) m`,
  `INSERT INTO conversation (tenant_id, conversation_id, kind, title, created_by, created_at, member_count, last_seq,
     last_position, last_message_id)
   SELECT :tenant, f.id, 'GROUP', 'Conversation ' || n, 'filler-' || n % ${FILLING_USERS}, ${AT}, ${MEMBERS}, :events,
     (f.n + 1) * :events, m.id
   FROM filling f JOIN (SELECT conversation_id, id FROM filling_message WHERE nth = :messages) m
     ON m.conversation_id = f.id`,
  `INSERT INTO member (tenant_id, conversation_id, user_id, from_position, role, joined_at, last_delivered_seq, last_read_seq)
   SELECT :tenant, id, 'filler-' || (n + k * 7) % ${FILLING_USERS}, n * :events + 1,
     CASE k WHEN 0 THEN 'OWNER' ELSE 'MEMBER' END, ${AT}, 1 + :messages / 2, 1 + :messages / 2
   FROM filling, generate_series(0, ${MEMBERS - 1}) k`,
  `INSERT INTO message (tenant_id, message_id, conversation_id, seq, position, sender_id, content, mentions, version,
     client_message_id, created_at)
   SELECT :tenant, id, conversation_id, nth + 1, n * :events + 1 + nth,
     'filler-' || (n + nth % ${MEMBERS} * 7) % ${FILLING_USERS}, repeat('x', 100), '{}', 1, n || '-' || nth, ${AT}
   FROM filling_message`,
  `INSERT INTO event (tenant_id, position, conversation_id, seq, kind, actor_id, refs, at)
   SELECT :tenant, n * :events + 1, id, 1, 'ConversationCreated', 'filler-' || n % ${FILLING_USERS}, '{}', ${AT}
   FROM filling
   UNION ALL
   SELECT :tenant, n * :events + 1 + nth, conversation_id, nth + 1, 'MessageSent',
     'filler-' || (n + nth % ${MEMBERS} * 7) % ${FILLING_USERS}, json_build_object('messageId', id, 'version', 1), ${AT}
   FROM filling_message`,
  `INSERT INTO idempotency_key (tenant_id, user_id, scope, key, target_id, input_hash)
   SELECT :tenant, 'filler-' || (n + nth % ${MEMBERS} * 7) % ${FILLING_USERS}, 'message', n || '-' || nth, id, ''
   FROM filling_message`,
  `UPDATE tenant_head h SET position = e.position, mark = e.mark FROM event e
   WHERE h.tenant_id = :tenant AND e.tenant_id = :tenant AND e.position = :conversations::bigint * :events`,
  'DROP TABLE filling, filling_message',
]
