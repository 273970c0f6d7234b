import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { ReceiptChange } from '../domain/records.ts'
import type { Logger } from '../observe/logger.ts'
import type { CommittedBatch, LogReads, TenantHead } from '../store/store.ts'
import { createDurableStream, type DurableStream } from './durable-stream.ts'
import type { StreamOptions } from './options.ts'
import { createReceiptFeed } from './receipt-feed.ts'
import { createRoomStream, type RoomStream } from './room-stream.ts'
import { createSequencer } from './sequencer.ts'
import type { Swept } from './sweeper.ts'

/** All that is live of one tenant, from its first listener to its last. */
export interface TenantLife extends Swept {
  readonly durable: DurableStream
  readonly rooms: RoomStream
  /** What was committed, here or on another node. What is applied already is dropped; what is ahead of a hole waits for it. */
  hear(batch: CommittedBatch): void
  doubt(): void
  /** Ends every operation, and by the last of them itself. */
  close(): void
}

export interface LifeDeps {
  readonly log: LogReads
  readonly clock: Clock
  readonly logger: Logger
  readonly options: StreamOptions
  /** Given each event as it is applied, before anyone is shown it. Never throws. */
  onEvent(event: CommittedEvent): void
  /** Given advances of receipts as they are heard. Never throws. */
  onReceipts(changes: readonly ReceiptChange[]): void
  /** Advances were missed since then, or (null) since ever: what has changed is to be read. Rejects when it cannot be read now. */
  onReceiptsMissed(since: Date | null): Promise<void>
  /** Hears of the other nodes' commits from when it resolves on; the function that it resolves to ends that. */
  subscribe(hear: (batch: CommittedBatch) => void, unreadable: () => void): Promise<() => void>
  /** Where the log and the receipts end. */
  head(): Promise<TenantHead>
  /** The last listener has left: nothing of this life goes on. */
  onEnd(): void
}

export function createTenantLife(deps: LifeDeps): TenantLife {
  const { log, clock, logger, options, onEvent, onEnd } = deps
  let listeners = 0
  const entered = () => {
    listeners++
  }
  const subscribed = deps.subscribe(hear, () => sequencer.doubt())
  const durable = createDurableStream({ log, clock, logger, options, seen, ready, entered, left })
  const rooms = createRoomStream({ logger, options, ready: roomsReady, entered, left })
  const sequencer = createSequencer({
    ...{ log, clock, logger, options, apply },
    markAt: durable.markAt,
    lost: startAnew,
  })
  const receipts = createReceiptFeed({
    ...{ clock, holeMs: options.holeMs, retryMs: options.retryMaxMs },
    arrived: deps.onReceipts,
    missed: deps.onReceiptsMissed,
  })

  function left(): void {
    if (--listeners > 0) return
    sequencer.close()
    receipts.close()
    durable.close()
    void subscribed.then(unsubscribe => unsubscribe())
    onEnd()
  }

  function seen(head: Cursor, isOther: boolean): void {
    if (isOther) startAnew(head)
    else if (!durable.started()) {
      durable.start(head)
      sequencer.start(head)
    }
  }

  function startAnew(head: Cursor): void {
    logger.warn({ position: head.position }, 'the log does not continue what was applied: starting anew')
    durable.start(head)
    sequencer.restart(head)
    receipts.restart()
    rooms.interrupt()
  }

  async function ready(): Promise<void> {
    await subscribed
  }

  async function roomsReady(): Promise<void> {
    await subscribed
    if (durable.started() && receipts.started()) return
    const { receiptPosition, ...place } = await deps.head()
    seen(place, false)
    receipts.start(receiptPosition)
  }

  function hear({ after, events, receipts: changes }: CommittedBatch): void {
    durable.together(() => sequencer.hear(events, after))
    receipts.hear(changes)
  }

  function apply(event: CommittedEvent): void {
    onEvent(event)
    durable.apply(event)
    const { userId } = event.refs
    if (event.kind === 'MemberLeft' && userId !== undefined) rooms.revoke(event.conversationId, userId)
  }

  return {
    durable,
    rooms,
    hear,
    doubt: sequencer.doubt,
    applied: sequencer.applied,
    compare(applied, { receiptPosition, ...place }) {
      sequencer.compare(applied, place)
      receipts.start(receiptPosition)
      receipts.expect(receiptPosition)
    },
    close() {
      durable.close()
      rooms.close()
    },
  }
}
