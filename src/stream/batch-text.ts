import { z } from 'zod'
import { type CommittedEvent, EVENT_KINDS, type Made } from '../domain/event.ts'
import type { Json } from '../domain/json.ts'
import type { ReceiptChange } from '../domain/records.ts'
import type { CommittedBatch } from '../store/store.ts'

/**
 * A committed batch as one node tells it to the others. An event's place and references come first and cost little to read; what it may have made is a
 * text of its own, read only where somebody wants it.
 */
const VERSION = 2

const position = z.int().min(0)
const mark = z.string().regex(/^-?\d{1,19}$/)
const instant = z.int()
const id = z.string()

const refs = z.strictObject({
  messageId: id.optional(),
  version: z.int().optional(),
  userId: id.optional(),
  memberIds: z.array(id).readonly().optional(),
})

const event = z.tuple([position, mark, id, z.int(), z.enum(EVENT_KINDS), id.nullable(), refs, instant, id.nullable()])
const RECEIPTS = ['DELIVERED', 'READ', 'FAILED'] as const
const receipt = z.tuple([position, z.enum(RECEIPTS), id, id, id, z.int(), instant, id.nullable()])
const batch = z.tuple([z.literal(VERSION), position, mark, z.array(event), z.array(receipt), z.boolean()])

const message = z.object({
  id,
  conversationId: id,
  seq: z.int(),
  position,
  senderId: id,
  content: z.string().nullable(),
  // Whatever JSON.parse makes is Json; copying it key by key would lose what is named __proto__.
  metadata: z.custom<Json>(value => value !== undefined),
  mentions: z.array(id),
  replyToId: id.nullable(),
  version: z.int(),
  clientMessageId: id,
  createdAt: z.iso.datetime().transform(text => new Date(text)),
  editedAt: z.null(),
  deletedAt: z.null(),
})

const sender = z.object({ id, name: z.string().nullable(), avatarUrl: z.string().nullable() })
const made = z.object({ message, sender })

export function encodeBatch({ after, events, receipts, more }: CommittedBatch): string {
  return JSON.stringify([
    VERSION,
    after.position,
    String(after.mark),
    events.map(eventRow),
    receipts.map(receiptRow),
    more,
  ] satisfies z.input<typeof batch>)
}

/** The batch in `text`, or undefined when it is none. */
export function decodeBatch(text: string): CommittedBatch | undefined {
  const { data } = batch.safeParse(parsed(text))
  if (data === undefined) return undefined
  const [, afterPosition, afterMark, events, receipts, more] = data
  return {
    after: { position: afterPosition, mark: BigInt(afterMark) },
    events: events.map(eventOf),
    receipts: receipts.map(receiptOf),
    more,
  }
}

function eventRow(each: CommittedEvent): z.input<typeof event> {
  const known = each.made?.()
  return [
    each.position,
    String(each.mark),
    each.conversationId,
    each.seq,
    each.kind,
    each.actorId,
    each.refs,
    each.at.getTime(),
    known === undefined ? null : JSON.stringify(known),
  ]
}

function eventOf([place, eventMark, conversationId, seq, kind, actorId, eventRefs, at, known]: z.output<
  typeof event
>): CommittedEvent {
  const { messageId, version, userId, memberIds } = eventRefs
  return {
    position: place,
    mark: BigInt(eventMark),
    conversationId,
    seq,
    kind,
    actorId,
    refs: {
      ...(messageId !== undefined && { messageId }),
      ...(version !== undefined && { version }),
      ...(userId !== undefined && { userId }),
      ...(memberIds !== undefined && { memberIds }),
    },
    at: new Date(at),
    ...(known !== null && { made: () => madeOf(known) }),
  }
}

function madeOf(text: string): Made | undefined {
  return made.safeParse(parsed(text)).data
}

function receiptRow(each: ReceiptChange): z.input<typeof receipt> {
  const { receiptPosition, kind, conversationId, userId, messageId, seq, at, reason } = each
  return [receiptPosition, kind, conversationId, userId, messageId, seq, at.getTime(), reason]
}

function receiptOf([receiptPosition, kind, conversationId, userId, messageId, seq, at, reason]: z.output<
  typeof receipt
>): ReceiptChange {
  return { receiptPosition, kind, conversationId, userId, messageId, seq, at: new Date(at), reason }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
