import { z } from 'zod'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import { Refusal } from '../domain/errors.ts'
import type { NewId } from '../domain/ids.ts'
import { checkJson, type Json } from '../domain/json.ts'
import type { SignalRecord } from '../domain/records.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from '../stream/streams.ts'
import { listener, member, refuseArchived } from './access.ts'
import { type Channel, createRelay } from './relay.ts'
import type { SignalService } from './services.ts'
import { createSignalDelivery, isFor, ofConversation, ofUser } from './signal-delivery.ts'
import { whileOpen } from './while-open.ts'

export interface SignalDeps {
  readonly store: Store
  readonly streams: Streams
  readonly bus: Bus
  readonly clock: Clock
  readonly newId: NewId
  /** The largest payload, in bytes of JSON text. Default: 32 KB. */
  readonly maxPayloadBytes?: number
}

const TYPE = /^[A-Za-z0-9._:-]{1,64}$/
const TYPE_RULE = 'A type is 1 to 64 letters, digits and the characters . _ : -'

const sent = z.object({
  id: z.string(),
  conversationId: z.string(),
  fromId: z.string(),
  toUserId: z.string().nullable(),
  type: z.string(),
  // Whatever JSON.parse makes is Json; copying it key by key would lose what is named __proto__.
  payload: z.custom<Json>(value => value !== undefined),
  at: z.iso.datetime().transform(text => new Date(text)),
})

/** One channel a tenant: a signal to all members has to find those who listen to all of theirs, in whatever conversation. */
const channelOf = (tenantId: string): Channel => [tenantId, 'signals']

export function createSignalService(deps: SignalDeps): SignalService & { close(): Promise<void> } {
  const { store, streams, bus, clock, newId, maxPayloadBytes = 32 * 1024 } = deps
  const delivery = createSignalDelivery({ store, streams })
  const relay = createRelay<SignalRecord>({
    bus,
    schema: sent,
    arrived: ([tenantId], signal) => delivery.deliver(tenantId, signal),
  })

  return {
    async send(viewer, { conversationId, toUserId = null, type, payload = null }) {
      const tenant = store.tenant(viewer.tenantId)
      if (!TYPE.test(type)) throw new Refusal('INVALID', TYPE_RULE, ['input', 'type'])
      checkJson(payload, { maxBytes: maxPayloadBytes, field: ['input', 'payload'] })
      const { conversation } = await member(tenant, viewer, conversationId)
      refuseArchived(conversation)
      if (toUserId !== null) {
        const field = ['input', 'toUserId']
        const [receiver] = await tenant.members.byKeys([{ conversationId, userId: toUserId }])
        if (receiver === undefined) throw new Refusal('NOT_FOUND', 'No such member.', field)
        if (toUserId === viewer.userId) throw new Refusal('INVALID', 'A signal goes to another member.', field)
      }
      const at = new Date(clock.now())
      const signal = { id: newId(), conversationId, fromId: viewer.userId, toUserId, type, payload, at }
      relay.publish(channelOf(viewer.tenantId), signal)
      return signal
    },

    open(viewer, conversationId, { selection, sink }) {
      const { tenantId, userId } = viewer
      const room = conversationId === null ? ofUser(userId) : ofConversation(conversationId)
      return whileOpen(sink, (held, keep) =>
        streams.tenant(tenantId).openRoom<SignalRecord>(room, {
          selection,
          sink: held,
          ...(conversationId === null ? {} : { conversationId }),
          async snapshot() {
            if (conversationId === null) keep(delivery.enter(tenantId, userId))
            else await listener(store.tenant(tenantId), viewer, conversationId)
            keep(await relay.listen(channelOf(tenantId)))
            return []
          },
          keyOf: () => null,
          accepts: signal => isFor(signal, userId),
        }),
      )
    },

    close: () => relay.close(),
  }
}
