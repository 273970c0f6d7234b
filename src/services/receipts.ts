import type { MemberRecord, ReceiptChange } from '../domain/records.ts'
import { checkText } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import { command } from '../store/command.ts'
import { advanceReceipt } from '../store/commands/advance-receipts.ts'
import { reportFailure } from '../store/commands/report-failure.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from '../stream/streams.ts'
import { decide } from './decide.ts'
import { visibleMessage } from './messages.ts'
import { createReceiptRooms } from './receipt-rooms.ts'
import type { ReceiptService } from './services.ts'

export interface ReceiptDeps {
  readonly store: Store
  readonly streams: Streams
  /** Conversations of more members keep no row per advance. */
  readonly historyMaxMembers: number
}

/** The longest reason of a delivery failure, in code points. */
const REASON_MAX = 500

export function createReceiptService({ store, streams, historyMaxMembers }: ReceiptDeps): ReceiptService {
  async function advance(viewer: Viewer, messageId: string, read: boolean): Promise<MemberRecord> {
    const tenant = store.tenant(viewer.tenantId)
    return decide(tenant, async () => {
      const { message, membership } = await visibleMessage(tenant, viewer, messageId)
      const reached = membership.lastDeliveredSeq >= message.seq && (!read || membership.lastReadSeq >= message.seq)
      if (reached) return { answer: membership }
      const { conversationId, id, seq } = message
      return {
        command: command(advanceReceipt, {
          conversationId,
          userId: viewer.userId,
          messageId: id,
          seq,
          read,
          historyMaxMembers,
        }),
        done: member => member,
      }
    })
  }

  return {
    markDelivered: (viewer, { messageId }) => advance(viewer, messageId, false),
    markRead: (viewer, { messageId }) => advance(viewer, messageId, true),

    async reportFailure(viewer, { messageId, reason }) {
      checkText(reason, { max: REASON_MAX, field: ['input', 'reason'] })
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { message, membership } = await visibleMessage(tenant, viewer, messageId)
        if (membership.lastDeliveredSeq >= message.seq) return { answer: message }
        const { conversationId, id, seq } = message
        const failure = { conversationId, userId: viewer.userId, messageId: id, seq, reason }
        return { command: command<ReceiptChange, typeof failure>(reportFailure, failure), done: () => message }
      })
    },

    ...createReceiptRooms(store, streams),
  }
}
