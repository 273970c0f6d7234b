import type { MemberRecord, ReceiptChange } from '../domain/records.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from '../stream/streams.ts'
import { listener } from './access.ts'
import { everyMember } from './every-member.ts'
import { createOpenConversations } from './open-conversations.ts'
import type { DeliveryRecord, ReadReceiptRecord, ReceiptService } from './services.ts'
import { whileOpen } from './while-open.ts'

const reads = (conversationId: string) => ['reads', conversationId]
const deliveries = (conversationId: string) => ['deliveries', conversationId]

/** The live half of receipts: what is committed, on whatever node, reaches the rooms of its conversation. */
export function createReceiptRooms(
  store: Store,
  streams: Streams,
): Pick<ReceiptService, 'openReads' | 'openDeliveries'> {
  const open = createOpenConversations()
  streams.onReceipts({
    arrived(tenantId, changes) {
      const tenant = streams.tenant(tenantId)
      for (const change of changes) {
        const { conversationId } = change
        if (change.kind === 'READ') tenant.publish(reads(conversationId), readOf(change))
        else tenant.publish(deliveries(conversationId), deliveryOf(change, change.kind))
      }
    },
    async missed(tenantId, since) {
      const conversationIds = open.of(tenantId)
      if (conversationIds.length === 0) return
      const { members, failures } = await store.tenant(tenantId).receipts.changedSince(conversationIds, since)
      const tenant = streams.tenant(tenantId)
      for (const member of members) {
        for (const read of lastRead(member)) tenant.publish(reads(member.conversationId), read)
        for (const delivery of lastDelivered(member)) tenant.publish(deliveries(member.conversationId), delivery)
      }
      for (const failure of failures) {
        tenant.publish(deliveries(failure.conversationId), deliveryOf(failure, 'FAILED'))
      }
    },
  })

  streams.onEvent((tenantId, { kind, conversationId, refs, seq, at }) => {
    const { messageId } = refs
    const room = deliveries(conversationId)
    if (kind !== 'MessageSent' || messageId === undefined || !streams.tenant(tenantId).occupied(room)) return
    const sent: DeliveryRecord = { conversationId, userId: null, messageId, seq, status: 'SENT', at, reason: null }
    streams.tenant(tenantId).publish(room, sent)
  })

  return {
    openReads(viewer, conversationId, { selection, sink }) {
      const tenant = store.tenant(viewer.tenantId)
      return whileOpen(sink, (held, keep) =>
        streams.tenant(viewer.tenantId).openRoom<ReadReceiptRecord>(reads(conversationId), {
          selection,
          sink: held,
          conversationId,
          async snapshot() {
            await listener(tenant, viewer, conversationId)
            keep(open.hold(viewer.tenantId, conversationId))
            return (await everyMember(tenant, conversationId)).flatMap(lastRead)
          },
          keyOf: receipt => receipt.userId,
          newer: (later, state) => later.seq > state.seq,
        }),
      )
    },

    openDeliveries(viewer, conversationId, { selection, sink }) {
      const tenant = store.tenant(viewer.tenantId)
      return whileOpen(sink, (held, keep) =>
        streams.tenant(viewer.tenantId).openRoom<DeliveryRecord>(deliveries(conversationId), {
          selection,
          sink: held,
          conversationId,
          async snapshot() {
            await listener(tenant, viewer, conversationId)
            keep(open.hold(viewer.tenantId, conversationId))
            const [members, failures] = await Promise.all([
              everyMember(tenant, conversationId),
              tenant.receipts.failures(conversationId),
            ])
            return [...members.flatMap(lastDelivered), ...failures.map(change => deliveryOf(change, 'FAILED'))]
          },
          keyOf: deliveryKey,
          newer: (later, state) => later.seq > state.seq || later.at > state.at,
        }),
      )
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
