import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Message, SendArguments } from './chat.ts'

/**
 * Storing a message with what Colloquy promises of one: its sender is a member, its number in the room has no hole, and a retry under the same key
 * stores nothing. Rooms are locked one by one, not by customer, so that sends to different rooms commit at the same time.
 */

export type Send = SendArguments & { readonly user: string }

/** The usual transaction on a client of the pool. Its statements are prepared once per connection. */
export async function storeInTransaction(pool: Pool, { room, content, key, user }: Send): Promise<Message> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const members = await client.query({ name: 'member', text: MEMBER, values: [room, user] })
    if (members.rowCount === 0) throw new Error('Not a member')
    const numbers = await client.query({ name: 'number', text: NUMBER, values: [room] })
    const values = [randomUUID(), room, numbers.rows[0].last_seq, user, content, key]
    const stored = await client.query({ name: 'store', text: STORE, values })
    await client.query(stored.rowCount === 0 ? 'ROLLBACK' : 'COMMIT')
    return messageOf(stored.rows[0] ?? (await original(pool, user, key)))
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

/** All of it in one statement, and so in one trip: as far as one transaction for each message can be driven. */
export async function storeInOneStatement(pool: Pool, { room, content, key, user }: Send): Promise<Message> {
  const { rows } = await pool.query({ name: 'send', text: SEND, values: [randomUUID(), room, user, content, key] })
  return messageOf(rows[0] ?? (await original(pool, user, key)))
}

async function original(pool: Pool, user: string, key: string): Promise<Row> {
  const { rows } = await pool.query<Row>('SELECT * FROM message WHERE sender_id = $1 AND key = $2', [user, key])
  const [row] = rows
  if (row === undefined) throw new Error('Not a member')
  return row
}

interface Row {
  readonly message_id: string
  readonly seq: number
  readonly sender_id: string
  readonly content: string
  readonly created_at: Date
}

function messageOf(row: Row): Message {
  const sender = { id: row.sender_id, name: row.sender_id }
  return { id: row.message_id, seq: row.seq, sender, content: row.content, createdAt: row.created_at.toISOString() }
}

const MEMBER = 'SELECT FROM member WHERE room_id = $1 AND user_id = $2'
const NUMBER = 'UPDATE room SET last_seq = last_seq + 1 WHERE room_id = $1 RETURNING last_seq'
const STORE = `
INSERT INTO message (message_id, room_id, seq, sender_id, content, key) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (sender_id, key) DO NOTHING RETURNING *`

const SEND = `
WITH number AS (
  UPDATE room r SET last_seq = last_seq + 1
  WHERE room_id = $2 AND EXISTS (SELECT FROM member m WHERE m.room_id = $2 AND m.user_id = $3)
    AND NOT EXISTS (SELECT FROM message k WHERE k.sender_id = $3 AND k.key = $5)
  RETURNING last_seq
)
INSERT INTO message (message_id, room_id, seq, sender_id, content, key)
SELECT $1, $2, last_seq, $3, $4, $5 FROM number RETURNING *`

export const STORING_TABLES = `
CREATE TABLE room (room_id text PRIMARY KEY, last_seq integer NOT NULL DEFAULT 0) WITH (fillfactor = 70);
CREATE TABLE member (room_id text REFERENCES room, user_id text, PRIMARY KEY (room_id, user_id));
CREATE TABLE message (
  message_id uuid PRIMARY KEY, room_id text NOT NULL, seq integer NOT NULL, sender_id text NOT NULL, content text NOT NULL,
  key text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (room_id, seq), UNIQUE (sender_id, key)
);`
