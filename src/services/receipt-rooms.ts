import type { MemberRecord, ReceiptChange } from '../domain/records.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from '../stream/streams.ts'
import { listener } from './access.ts'
import { everyMember } from './every-member.ts'
import type { DeliveryRecord, ReadReceiptRecord, ReceiptService } from './services.ts'

const reads = (conversationId: string) => ['reads', conversationId]
const deliveries = (conversationId: string) => ['deliveries', conversationId]

/** The live half of receipts: what commits here reaches the rooms of its conversation. */
export function createReceiptRooms(
  store: Store,
  streams: Streams,
): Pick<ReceiptService, 'openReads' | 'openDeliveries'> {
  store.onCommit((tenantId, { receipts }) => {
    if (receipts.length === 0) return
    const tenant = streams.tenant(tenantId)
    for (const change of receipts) {
      const { conversationId } = change
      if (change.kind === 'READ') tenant.publish(reads(conversationId), readOf(change))
      else tenant.publish(deliveries(conversationId), deliveryOf(change, change.kind))
    }
  })

  streams.onEvent((tenantId, { kind, conversationId, refs, seq, at }) => {
    const { messageId } = refs
    const room = deliveries(conversationId)
    if (kind !== 'MessageSent' || messageId === undefined || !streams.tenant(tenantId).occupied(room)) return
    const sent: DeliveryRecord = { conversationId, userId: null, messageId, seq, status: 'SENT', at, reason: null }
    streams.tenant(tenantId).publish(room, sent)
  })

  return {
    async openReads(viewer, conversationId, { selection, sink }) {
      const tenant = store.tenant(viewer.tenantId)
      return streams.tenant(viewer.tenantId).openRoom<ReadReceiptRecord>(reads(conversationId), {
        selection,
        sink,
        conversationId,
        async snapshot() {
          await listener(tenant, viewer, conversationId)
          return (await everyMember(tenant, conversationId)).flatMap(lastRead)
        },
        keyOf: receipt => receipt.userId,
        newer: (held, state) => held.seq > state.seq,
      })
    },

    async openDeliveries(viewer, conversationId, { selection, sink }) {
      const tenant = store.tenant(viewer.tenantId)
      return streams.tenant(viewer.tenantId).openRoom<DeliveryRecord>(deliveries(conversationId), {
        selection,
        sink,
        conversationId,
        async snapshot() {
          await listener(tenant, viewer, conversationId)
          const [members, failures] = await Promise.all([
            everyMember(tenant, conversationId),
            tenant.receipts.failures(conversationId),
          ])
          return [...members.flatMap(lastDelivered), ...failures.map(change => deliveryOf(change, 'FAILED'))]
        },
        keyOf: deliveryKey,
        newer: (held, state) => held.seq > state.seq || held.at > state.at,
      })
    },
  }
}

/** A member's latest delivery is one state; each message has a state of its own for its sending and for a failure. */
function deliveryKey({ status, userId, messageId }: DeliveryRecord): string {
  return JSON.stringify(status === 'DELIVERED' ? [status, userId] : [status, userId, messageId])
}

function readOf({ conversationId, userId, messageId, seq, at }: ReceiptChange): ReadReceiptRecord {
  return { conversationId, userId, messageId, seq, readAt: at }
}

function deliveryOf(change: ReceiptChange, status: 'DELIVERED' | 'FAILED'): DeliveryRecord {
  const { conversationId, userId, messageId, seq, at, reason } = change
  return { conversationId, userId, messageId, seq, status, at, reason }
}

function lastRead(member: MemberRecord): readonly ReadReceiptRecord[] {
  const { conversationId, userId, lastReadMessageId: messageId, lastReadSeq: seq, lastReadAt: readAt } = member
  return messageId === null || readAt === null ? [] : [{ conversationId, userId, messageId, seq, readAt }]
}

function lastDelivered(member: MemberRecord): readonly DeliveryRecord[] {
  const {
    conversationId,
    userId,
    lastDeliveredMessageId: messageId,
    lastDeliveredSeq: seq,
    lastDeliveredAt: at,
  } = member
  if (messageId === null || at === null) return []
  return [{ conversationId, userId, messageId, seq, status: 'DELIVERED', at, reason: null }]
}
