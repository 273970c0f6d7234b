import { z } from 'zod'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { TypingRecord } from '../domain/records.ts'
import type { Store } from '../store/store.ts'
import type { RoomName, Streams } from '../stream/streams.ts'
import { listener, member, refuseArchived } from './access.ts'
import { createRelay } from './relay.ts'
import type { TypingService } from './services.ts'
import { createTypers, type Typer } from './typers.ts'
import { whileOpen } from './while-open.ts'

export interface TypingDeps {
  readonly store: Store
  readonly streams: Streams
  readonly bus: Bus
  readonly clock: Clock
  /** How long an indicator stands after its last renewal. Default: 10 seconds. */
  readonly ttlMs?: number
  /** How many indicators a node keeps; beyond, the oldest ends before its time. Default: 100,000. */
  readonly maxTypers?: number
}

const change = z.object({
  conversationId: z.string(),
  userId: z.string(),
  isTyping: z.boolean(),
  expiresAt: z.iso.datetime().transform(text => new Date(text)),
})

/** Somebody who says that they type, and whether they have left since the read of their membership began. */
interface Asking extends Typer {
  hasLeft: boolean
}

const roomOf = (conversationId: string): RoomName => ['typing', conversationId]

/**
 * What users say goes over the bus. That an indicator ends by time, by its user's message or leaving, every node finds by itself: so it ends also
 * where the node that it came from is gone. Nobody is shown their own typing.
 */
export function createTypingService(deps: TypingDeps): TypingService & { close(): Promise<void> } {
  const { store, streams, bus, clock, ttlMs = 10_000, maxTypers = 100_000 } = deps
  const typers = createTypers({ clock, ttlMs, max: maxTypers, expired: showEnd })
  /** Whose membership is being read: it may end before the answer is there. */
  const asking = new Set<Asking>()
  const relay = createRelay<TypingRecord>({
    bus,
    schema: change,
    arrived([tenantId], record) {
      const { conversationId, userId } = record
      note({ tenantId, conversationId, userId }, record)
      streams.tenant(tenantId).publish(roomOf(conversationId), record)
    },
  })
  // Both: a commit of this node is known here though nobody listens to the tenant, and another node's is not.
  store.onCommit((tenantId, { events }) => {
    for (const event of events) endByEvent(tenantId, event)
  })
  streams.onEvent(endByEvent)

  function note(typer: Typer, { isTyping, expiresAt }: TypingRecord): void {
    if (isTyping) typers.renew(typer, expiresAt)
    else typers.forget(typer)
  }

  function endByEvent(tenantId: string, { kind, conversationId, actorId, refs }: CommittedEvent): void {
    const userId = kind === 'MessageSent' ? actorId : kind === 'MemberLeft' ? refs.userId : null
    if (typeof userId !== 'string') return
    const typer: Typer = { tenantId, conversationId, userId }
    if (kind === 'MemberLeft') markLeft(typer)
    if (typers.forget(typer)) showEnd(typer)
  }

  function markLeft({ tenantId, conversationId, userId }: Typer): void {
    for (const asked of asking) {
      const isTheirs = asked.userId === userId && asked.conversationId === conversationId && asked.tenantId === tenantId
      if (isTheirs) asked.hasLeft = true
    }
  }

  function showEnd({ tenantId, conversationId, userId }: Typer): void {
    const end: TypingRecord = { conversationId, userId, isTyping: false, expiresAt: new Date(clock.now()) }
    streams.tenant(tenantId).publish(roomOf(conversationId), end)
  }

  return {
    async set(viewer, { conversationId, isTyping }) {
      const { tenantId, userId } = viewer
      const asked: Asking = { tenantId, conversationId, userId, hasLeft: false }
      asking.add(asked)
      try {
        do {
          asked.hasLeft = false
          refuseArchived((await member(store.tenant(tenantId), viewer, conversationId)).conversation)
        } while (asked.hasLeft)
      } finally {
        asking.delete(asked)
      }
      const expiresAt = new Date(clock.now() + (isTyping ? ttlMs : 0))
      const record: TypingRecord = { conversationId, userId, isTyping, expiresAt }
      // Noted at once, since the bus brings it back only where somebody listens, and the first to listen is told who is typing.
      note({ tenantId, conversationId, userId }, record)
      relay.publish([tenantId, ...roomOf(conversationId)], record)
      return expiresAt
    },

    open(viewer, conversationId, { selection, sink }) {
      const { tenantId, userId } = viewer
      const ofOthers = (record: TypingRecord) => record.userId !== userId
      return whileOpen(sink, (held, keep) =>
        streams.tenant(tenantId).openRoom<TypingRecord>(roomOf(conversationId), {
          selection,
          sink: held,
          conversationId,
          async snapshot() {
            await listener(store.tenant(tenantId), viewer, conversationId)
            keep(await relay.listen([tenantId, ...roomOf(conversationId)]))
            return typers.of(tenantId, conversationId).filter(ofOthers)
          },
          keyOf: record => record.userId,
          accepts: ofOthers,
          newer: (later, state) => later.isTyping !== state.isTyping || later.expiresAt > state.expiresAt,
        }),
      )
    },

    async close() {
      typers.close()
      await relay.close()
    },
  }
}
