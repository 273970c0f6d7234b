import type { Json } from '../domain/json.ts'
import type { Made } from '../domain/records.ts'
import { instant, integer, list, orNull, readJson, text, tuple } from './json-reader.ts'

/** What an event has made, as one line of JSON. */
export function encodeMade({ message, sender }: Made): string {
  const { id, conversationId, seq, position, senderId, content, metadata, mentions } = message
  const { replyToId, version, clientMessageId, createdAt, editedAt, deletedAt } = message
  const first = [id, conversationId, seq, position, senderId, content, metadata, mentions, replyToId, version]
  const times = [createdAt.getTime(), editedAt?.getTime() ?? null, deletedAt?.getTime() ?? null]
  return JSON.stringify([...first, clientMessageId, ...times, sender.name, sender.avatarUrl])
}

/** What is said in the line; undefined when it cannot be read, for it can be asked of the database as well. */
export function madeIn(line: string): Made | undefined {
  return readJson(line, madeOf)
}

function madeOf(value: unknown): Made {
  const [id, conversationId, seq, position, sender, content, metadata, mentions, replyToId, version, ...rest] = tuple(
    value,
    16,
  )
  const [clientMessageId, createdAt, editedAt, deletedAt, name, avatarUrl] = rest
  const senderId = text(sender)
  return {
    message: {
      id: text(id),
      conversationId: text(conversationId),
      seq: integer(seq),
      position: integer(position),
      senderId,
      content: orNull(text, content),
      // Whatever JSON.parse makes is Json.
      metadata: metadata as Json,
      mentions: list(mentions, text),
      replyToId: orNull(text, replyToId),
      version: integer(version),
      clientMessageId: text(clientMessageId),
      createdAt: instant(createdAt),
      editedAt: orNull(instant, editedAt),
      deletedAt: orNull(instant, deletedAt),
    },
    sender: { id: senderId, name: orNull(text, name), avatarUrl: orNull(text, avatarUrl) },
  }
}
