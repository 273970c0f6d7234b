import type { Cursor } from '../../domain/position.ts'
import type { MessageRecord, UserRecord } from '../../domain/records.ts'
import { type Command, type CommandKind, command } from '../command.ts'
import type { Row } from '../database/database.ts'
import * as column from '../row.ts'
import { columnsOf, type Send, type SendMessageInput, sendsOf, sendsTogether } from './send-statement.ts'

export type { SendMessageInput } from './send-statement.ts'

/** `known`: the key was used before, by an input of that hash, and made that message. */
export type SendMessageResult =
  | { readonly type: 'sent'; readonly message: MessageRecord; readonly position: Cursor }
  | { readonly type: 'known'; readonly messageId: string; readonly inputHash: string }

/** Nothing of it holds what Postgres cannot store, or would store as something else: NUL and lone surrogates. */
export function toSend(input: SendMessageInput): Command<SendMessageResult> {
  return command(sendMessage, { input, columns: columnsOf(input) })
}

/**
 * All sends of a batch in one statement. Guards: the sender and all who are mentioned are members, the conversation is not archived, the message
 * replied to is in it. The keys are looked at first, so that a retry finds its original even after its sender has left.
 */
const sendMessage: CommandKind<SendMessageResult, Send> = {
  name: 'send_message',
  setBased: true,
  actor: ({ input }) => input.senderId,
  conflictKey: ({ input }) => JSON.stringify([input.senderId, input.clientMessageId]),
  bytes: ({ columns }) => columns.reduce((sum, { length }) => sum + 2 * length, 100),
  statement: sendsOf,
  together: sendsTogether,
  read(rows, { input }) {
    const [row] = rows
    if (row === undefined) return undefined
    if (column.text(row, 'outcome') === 'known') {
      const known = {
        type: 'known',
        messageId: column.text(row, 'message_id'),
        inputHash: column.text(row, 'input_hash'),
      } as const
      return { result: known, events: [], receipts: [] }
    }
    const message = sentMessage(row, input)
    const position = { position: message.position, mark: column.bigint(row, 'mark') }
    const event = {
      ...position,
      conversationId: message.conversationId,
      seq: message.seq,
      kind: 'MessageSent',
      actorId: message.senderId,
      refs: { messageId: message.id, version: 1 },
      at: message.createdAt,
      made: () => ({ message, sender: senderOf(row, input) }),
    } as const
    return { result: { type: 'sent', message, position }, events: [event], receipts: [] }
  },
}

function senderOf(row: Row, { senderId }: SendMessageInput): UserRecord {
  return {
    id: senderId,
    name: column.orNull(column.text, row, 'name'),
    avatarUrl: column.orNull(column.text, row, 'avatar_url'),
  }
}

function sentMessage(row: Row, input: SendMessageInput): MessageRecord {
  return {
    id: input.messageId,
    conversationId: input.conversationId,
    seq: column.integer(row, 'seq'),
    position: column.position(row, 'position'),
    senderId: input.senderId,
    content: input.content,
    metadata: input.metadata,
    mentions: input.mentions,
    replyToId: input.replyToId,
    version: 1,
    clientMessageId: input.clientMessageId,
    createdAt: column.instant(row, 'at'),
    editedAt: null,
    deletedAt: null,
  }
}
