import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { LogReads } from '../store/store.ts'
import { createDurableStream, type DurableStream } from './durable-stream.ts'
import type { StreamOptions } from './options.ts'
import { createRoomStream, type RoomStream } from './room-stream.ts'
import { createSequencer } from './sequencer.ts'
import type { Swept } from './sweeper.ts'

/** All that is live of one tenant, from its first listener to its last. */
export interface TenantLife extends Swept {
  readonly durable: DurableStream
  readonly rooms: RoomStream
  /** `after` is the place of the event before the first, where that is known. */
  hear(events: readonly CommittedEvent[], after?: Cursor): void
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
  /** The last listener has left: nothing of this life goes on. */
  onEnd(): void
}

export function createTenantLife({ log, clock, logger, options, onEvent, onEnd }: LifeDeps): TenantLife {
  let listeners = 0
  const entered = () => {
    listeners++
  }
  const durable = createDurableStream({ log, clock, logger, options, seen, entered, left })
  const rooms = createRoomStream({ logger, options, ready, entered, left })
  const sequencer = createSequencer({
    ...{ log, clock, logger, options, apply },
    markAt: durable.markAt,
    lost: startAnew,
  })

  function left(): void {
    if (--listeners > 0) return
    sequencer.close()
    durable.close()
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
    rooms.interrupt()
  }

  async function ready(): Promise<void> {
    if (!durable.started()) seen(await log.head(), false)
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
    hear: sequencer.hear,
    doubt: sequencer.doubt,
    applied: sequencer.applied,
    compare: sequencer.compare,
    close() {
      durable.close()
      rooms.close()
    },
  }
}
