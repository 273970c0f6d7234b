import { Client } from 'pg'
import { expect } from 'vitest'
import type { Ask } from './asking.ts'
import type { Log, LogEntry } from './delivery.ts'

interface Node {
  readonly __typename: string
  readonly position: string
  /** Absent where it says something of the stream, not of a conversation. */
  readonly seq?: number
  readonly conversationId?: string
  readonly message?: { readonly id: string; readonly clientMessageId: string; readonly sender: { readonly id: string } }
}

interface Page {
  readonly events: {
    readonly nodes: readonly Node[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

const EVENTS = /* GraphQL */ `
  query Log($after: Position!) {
    events(after: $after) {
      nodes {
        __typename
        position
        ... on ConversationEvent { seq conversationId }
        ... on MessageSent { message { id clientMessageId sender { id } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`

/** The log after `start`, as far as who asks may see it. Rejects with `ResyncRequired` where that is no place of it. */
export async function readLog(ask: Ask, start: string): Promise<Log> {
  const entries: LogEntry[] = []
  for (let after: string | null = start; after !== null; ) {
    const { nodes, pageInfo }: Page['events'] = (await ask<Page>(EVENTS, { after })).events
    if (nodes.some(({ __typename }) => __typename === 'ResyncRequired')) throw new Error(`ResyncRequired at ${after}`)
    entries.push(...nodes.flatMap(entryIn))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  }
  return { start, entries }
}

function entryIn({ __typename: type, position, seq, conversationId, message }: Node): readonly LogEntry[] {
  if (seq === undefined || conversationId === undefined) return []
  const sent = message && { id: message.id, clientMessageId: message.clientMessageId, senderId: message.sender.id }
  return [{ type, position, conversationId, seq, ...(sent && type === 'MessageSent' && { message: sent }) }]
}

/** Holds a whole log against the database's own table of it, a second witness beside what the server says: dense, in this order, and the same. */
export async function expectTable(databaseUrl: string, { entries }: Log): Promise<void> {
  const rows = await readTable(databaseUrl)
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1))
  const seqs = [...Map.groupBy(rows, ({ conversationId }) => conversationId).values()].map(of =>
    of.map(({ seq }) => seq),
  )
  for (const numbers of seqs) expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  const said = entries.map(({ message, position: _, ...entry }) => ({ ...entry, messageId: message?.id ?? null }))
  expect(rows.map(({ position: _, ...row }) => row)).toEqual(said)
}

interface Row {
  readonly position: number
  readonly conversationId: string
  readonly seq: number
  readonly type: string
  readonly messageId: string | null
}

/** Of a database with one tenant. */
async function readTable(databaseUrl: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<Row>(/* SQL */ `
      SELECT position::int, conversation_id AS "conversationId", seq, kind AS type,
        CASE WHEN kind = 'MessageSent' THEN refs->>'messageId' END AS "messageId"
      FROM event ORDER BY position`)
    return rows
  } finally {
    await client.end()
  }
}
