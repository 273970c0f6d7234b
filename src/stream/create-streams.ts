import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Logger } from '../observe/logger.ts'
import type { CommittedBatch, LogReads, Store } from '../store/store.ts'
import { decodeBatch, encodeBatch } from './batch-text.ts'
import { STREAM_DEFAULTS, type StreamOptions } from './options.ts'
import { unavailable } from './refusals.ts'
import type { ReceiptListener, Streams, TenantStream } from './streams.ts'
import { createSweeper } from './sweeper.ts'
import { createTenantLife, type TenantLife } from './tenant-life.ts'

export interface StreamsDeps {
  /** The store, of which the streams only read the logs. */
  readonly store: Pick<Store, 'heads'> & { tenant(id: string): { readonly log: LogReads } }
  /** Carries what this node commits to the others, and theirs here. */
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  readonly options?: Partial<StreamOptions>
}

type EventListener = (tenantId: string, event: CommittedEvent) => void

/** The tenants that someone listens to; of every other, nothing is kept. */
export function createStreams({ store, bus, clock, logger, options: chosen }: StreamsDeps): Streams {
  const options: StreamOptions = { ...STREAM_DEFAULTS, ...chosen }
  const lives = new Map<string, TenantLife>()
  const eventListeners: EventListener[] = []
  const receiptListeners: ReceiptListener[] = []
  const everyMs = () => (bus.connected ? options.sweepMs : options.sweepAloneMs)
  const sweeper = createSweeper({ store, clock, logger, everyMs, lives })
  const stopHurrying = [bus.onBack(sweeper.hurry), bus.onAway(sweeper.hurry)]
  let closed = false
  /** Whose next batch is to come from another node, and until when that is believed. */
  let expected: { readonly tenantId: string; readonly until: number } | null = null

  function enter(tenantId: string): TenantLife {
    if (closed) throw unavailable()
    const present = lives.get(tenantId)
    if (present !== undefined) return present
    const life = createTenantLife({
      ...{ log: store.tenant(tenantId).log, clock, logger, options },
      onEvent: event => tell(eventListeners, listener => listener(tenantId, event)),
      onReceipts: changes => tell(receiptListeners, listener => listener.arrived(tenantId, changes)),
      async onReceiptsMissed(since) {
        await Promise.all(receiptListeners.map(listener => listener.missed(tenantId, since)))
      },
      subscribe: (hear, unreadable) => listenTo(tenantId, hear, unreadable),
      async head() {
        const head = (await store.heads([tenantId])).get(tenantId)
        if (head === undefined) throw unavailable()
        return head
      },
      onEnd() {
        lives.delete(tenantId)
        if (lives.size === 0) sweeper.rest()
      },
    })
    lives.set(tenantId, life)
    sweeper.begin()
    return life
  }

  function listenTo(tenantId: string, hear: (batch: CommittedBatch) => void, unreadable: () => void) {
    return bus.subscribe(channelOf(tenantId), text => {
      const batch = decodeBatch(text)
      if (batch === undefined) {
        unreadable()
        return
      }
      expect(tenantId, batch)
      hear(batch)
    })
  }

  function expect(tenantId: string, { more }: CommittedBatch): void {
    if (more) expected = { tenantId, until: clock.now() + EXPECTED_MS }
    else if (expected?.tenantId === tenantId) expected = null
  }

  function tell<Listener>(all: readonly Listener[], call: (listener: Listener) => void): void {
    for (const listener of all) {
      try {
        call(listener)
      } catch (error) {
        logger.error({ error }, 'a listener of the stream failed')
      }
    }
  }

  function tenant(id: string): TenantStream {
    return {
      openInbox: async request => enter(id).durable.open(null, request),
      openConversation: async (conversationId, request) => enter(id).durable.open(conversationId, request),
      openRoom: async (room, request) => enter(id).rooms.open(room, request),
      publish: (room, source) => lives.get(id)?.rooms.publish(room, source),
      occupied: room => lives.get(id)?.rooms.occupied(room) ?? false,
    }
  }

  return {
    tenant,
    apply(tenantId, batch) {
      lives.get(tenantId)?.hear(batch)
      bus.tell(channelOf(tenantId), () => encodeBatch(batch))
    },
    doubt: tenantId => lives.get(tenantId)?.doubt(),
    onEvent: listener => {
      eventListeners.push(listener)
    },
    onReceipts: listener => {
      receiptListeners.push(listener)
    },
    get expecting() {
      return expected !== null && clock.now() < expected.until
    },
    async close() {
      closed = true
      for (const stop of stopHurrying) stop()
      sweeper.close()
      for (const life of [...lives.values()]) life.close()
    },
  }
}

/** Longer than it takes another node to commit what it has. Milliseconds. */
const EXPECTED_MS = 10

const channelOf = (tenantId: string) => [tenantId, 'log']
