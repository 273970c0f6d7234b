import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Logger } from '../observe/logger.ts'
import type { LogReads, Store } from '../store/store.ts'
import { STREAM_DEFAULTS, type StreamOptions } from './options.ts'
import { unavailable } from './refusals.ts'
import type { Streams, TenantStream } from './streams.ts'
import { createSweeper } from './sweeper.ts'
import { createTenantLife, type TenantLife } from './tenant-life.ts'

export interface StreamsDeps {
  /** The store, of which the streams only read the logs. */
  readonly store: Pick<Store, 'heads'> & { tenant(id: string): { readonly log: LogReads } }
  readonly clock: Clock
  readonly logger: Logger
  readonly options?: Partial<StreamOptions>
}

type Listener = (tenantId: string, event: CommittedEvent) => void

/** The tenants that someone listens to; of every other, nothing is kept. */
export function createStreams({ store, clock, logger, options: chosen }: StreamsDeps): Streams {
  const options: StreamOptions = { ...STREAM_DEFAULTS, ...chosen }
  const lives = new Map<string, TenantLife>()
  const listeners: Listener[] = []
  const sweeper = createSweeper({ store, clock, logger, everyMs: options.sweepMs, lives })
  let closed = false

  function enter(tenantId: string): TenantLife {
    if (closed) throw unavailable()
    const present = lives.get(tenantId)
    if (present !== undefined) return present
    const life = createTenantLife({
      log: store.tenant(tenantId).log,
      clock,
      logger,
      options,
      onEvent: event => tell(tenantId, event),
      onEnd() {
        lives.delete(tenantId)
        if (lives.size === 0) sweeper.rest()
      },
    })
    lives.set(tenantId, life)
    sweeper.begin()
    return life
  }

  function tell(tenantId: string, event: CommittedEvent): void {
    for (const listener of listeners) {
      try {
        listener(tenantId, event)
      } catch (error) {
        logger.error({ error, kind: event.kind }, 'a listener failed at an event')
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
    apply: (tenantId, batch) => lives.get(tenantId)?.hear(batch.events, batch.after),
    doubt: tenantId => lives.get(tenantId)?.doubt(),
    onEvent: listener => {
      listeners.push(listener)
    },
    async close() {
      closed = true
      sweeper.close()
      for (const life of [...lives.values()]) life.close()
    },
  }
}
