import { type CommittedEvent, EVENT_KINDS, type EventRefs } from '../domain/event.ts'
import type { ReceiptChange } from '../domain/records.ts'
import type { CommittedBatch } from '../store/store.ts'
import {
  bigint,
  boolean,
  instant,
  integer,
  list,
  object,
  oneOf,
  optional,
  orNull,
  readJson,
  text,
  tuple,
} from './json-reader.ts'
import { encodeMade, madeIn } from './made-text.ts'

/**
 * A committed batch as one node tells it to the others: a line of JSON, which costs little to read, and a line for each event that brings what it has made,
 * read only where somebody wants it. Every listening node reads every batch, so it is read by hand: that takes less than half of the time.
 */
const VERSION = 3

const REFS = ['messageId', 'version', 'userId', 'memberIds'] as const satisfies readonly (keyof EventRefs)[]
const RECEIPT_KINDS = ['DELIVERED', 'READ', 'FAILED'] as const

export function encodeBatch({ after, events, receipts, more }: CommittedBatch): string {
  const lines = ['']
  const rows = events.map(event => {
    const made = event.made?.()
    if (made !== undefined) lines.push(encodeMade(made))
    return eventRow(event, made !== undefined)
  })
  lines[0] = JSON.stringify([VERSION, after.position, String(after.mark), rows, receipts.map(receiptRow), more])
  return lines.join('\n')
}

/** The batch in `message`, or undefined when it is none. */
export function decodeBatch(message: string): CommittedBatch | undefined {
  const [header = '', ...lines] = message.split('\n')
  return readJson(header, value => batchOf(value, lines))
}

function batchOf(value: unknown, lines: readonly string[]): CommittedBatch {
  const [version, position, mark, events, receipts, more] = tuple(value, 6)
  oneOf([VERSION], version)
  let read = 0
  const nextLine = () => copied(text(lines[read++]))
  const batch = {
    after: { position: integer(position), mark: bigint(mark) },
    events: list(events, row => eventOf(row, nextLine)),
    receipts: list(receipts, receiptOf),
    more: boolean(more),
  }
  oneOf([lines.length], read)
  return batch
}

/** What was cut out of a text holds all of it, and an event may be kept long after its batch. */
function copied(line: string): string {
  return Buffer.from(line).toString()
}

function eventRow(event: CommittedEvent, hasMade: boolean): readonly unknown[] {
  const { position, mark, conversationId, seq, kind, actorId, refs, at } = event
  return [position, String(mark), conversationId, seq, kind, actorId, refs, at.getTime(), hasMade]
}

function eventOf(value: unknown, nextLine: () => string): CommittedEvent {
  const [position, mark, conversationId, seq, kind, actorId, refs, at, hasMade] = tuple(value, 9)
  const event = {
    position: integer(position),
    mark: bigint(mark),
    conversationId: text(conversationId),
    seq: integer(seq),
    kind: oneOf(EVENT_KINDS, kind),
    actorId: orNull(text, actorId),
    refs: refsOf(refs),
    at: instant(at),
  }
  if (!boolean(hasMade)) return event
  const line = nextLine()
  return { ...event, made: () => madeIn(line) }
}

function refsOf(value: unknown): EventRefs {
  const refs = object(value, REFS)
  const messageId = optional(text, refs.messageId)
  const version = optional(integer, refs.version)
  const userId = optional(text, refs.userId)
  const memberIds = optional(ids => list(ids, text), refs.memberIds)
  return {
    ...(messageId !== undefined && { messageId }),
    ...(version !== undefined && { version }),
    ...(userId !== undefined && { userId }),
    ...(memberIds !== undefined && { memberIds }),
  }
}

function receiptRow(each: ReceiptChange): readonly unknown[] {
  const { receiptPosition, kind, conversationId, userId, messageId, seq, at, reason } = each
  return [receiptPosition, kind, conversationId, userId, messageId, seq, at.getTime(), reason]
}

function receiptOf(value: unknown): ReceiptChange {
  const [receiptPosition, kind, conversationId, userId, messageId, seq, at, reason] = tuple(value, 8)
  return {
    receiptPosition: integer(receiptPosition),
    kind: oneOf(RECEIPT_KINDS, kind),
    conversationId: text(conversationId),
    userId: text(userId),
    messageId: text(messageId),
    seq: integer(seq),
    at: instant(at),
    reason: orNull(text, reason),
  }
}
