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

/** What a member says of messages, and how far. */
interface Told {
  readonly conversationId: string
  readonly userId: string
  readonly seq: number
  readonly status: 'DELIVERED' | 'READ' | 'FAILED'
}

type Delivery = DeliveryRecord & { readonly userId: string; readonly status: 'DELIVERED' | 'FAILED' }

/** The live half of receipts: what is committed, on whatever node, reaches the rooms of its conversation. */
export function createReceiptRooms(
  store: Store,
  streams: Streams,
): Pick<ReceiptService, 'openReads' | 'openDeliveries'> {
  const open = createOpenConversations()

  /** Whether it says more than was told, which it is from now on: of two nodes' advances the later may be heard first, and what is read is soon old. */
  function isNews(tenantId: string, { conversationId, userId, seq, ...receipt }: Told): boolean {
    const reached = open.reached(tenantId, conversationId)
    if (reached === undefined) return true
    const status = receipt.status === 'FAILED' ? 'DELIVERED' : receipt.status
    const key = JSON.stringify([status, userId])
    const before = reached.get(key) ?? 0
    if (receipt.status === 'FAILED') return before < seq
    if (before <= seq) reached.set(key, seq)
    return before <= seq
  }

  function tellRead(tenantId: string, receipt: ReadReceiptRecord): void {
    if (!isNews(tenantId, { ...receipt, status: 'READ' })) return
    streams.tenant(tenantId).publish(reads(receipt.conversationId), receipt)
  }

  function tellDelivery(tenantId: string, delivery: Delivery): void {
    if (isNews(tenantId, delivery)) streams.tenant(tenantId).publish(deliveries(delivery.conversationId), delivery)
  }

  streams.onReceipts({
    arrived(tenantId, changes) {
      for (const change of changes) {
        if (change.kind === 'READ') tellRead(tenantId, readOf(change))
        else tellDelivery(tenantId, deliveryOf(change, change.kind))
      }
    },
    async missed(tenantId, since) {
      const conversationIds = open.of(tenantId)
      if (conversationIds.length === 0) return
      const { members, failures } = await store.tenant(tenantId).receipts.changedSince(conversationIds, since)
      for (const member of members) {
        for (const read of lastRead(member)) tellRead(tenantId, read)
        for (const delivery of lastDelivered(member)) tellDelivery(tenantId, delivery)
      }
      for (const failure of failures) tellDelivery(tenantId, deliveryOf(failure, 'FAILED'))
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
            const state = (await everyMember(tenant, conversationId)).flatMap(lastRead)
            for (const read of state) isNews(viewer.tenantId, { ...read, status: 'READ' })
            return state
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
            const state = members.flatMap(lastDelivered)
            for (const delivery of state) isNews(viewer.tenantId, delivery)
            return [...state, ...failures.map(change => deliveryOf(change, 'FAILED'))]
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

function deliveryOf(change: ReceiptChange, status: 'DELIVERED' | 'FAILED'): Delivery {
  const { conversationId, userId, messageId, seq, at, reason } = change
  return { conversationId, userId, messageId, seq, status, at, reason }
}

function lastRead(member: MemberRecord): readonly ReadReceiptRecord[] {
  const { conversationId, userId, lastReadMessageId: messageId, lastReadSeq: seq, lastReadAt: readAt } = member
  return messageId === null || readAt === null ? [] : [{ conversationId, userId, messageId, seq, readAt }]
}

function lastDelivered(member: MemberRecord): readonly Delivery[] {
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
