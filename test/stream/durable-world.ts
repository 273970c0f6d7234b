import { expect, vi } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import { createMemoryBus } from '../../src/bus/memory.ts'
import type { CommittedEvent, EventKind, EventRefs, StreamItem } from '../../src/domain/event.ts'
import { encodeCursor } from '../../src/domain/position.ts'
import { UnavailableError } from '../../src/store/database/database.ts'
import { createStreams } from '../../src/stream/create-streams.ts'
import type { StreamOptions } from '../../src/stream/options.ts'
import type { Payload, Selection } from '../../src/stream/selection.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'
import { createMemoryLog } from './memory-log.ts'
import { createRecordingSink, type RecordingSink } from './recording-sink.ts'

/** A selection that shows an item's type and position, and counts how often it was executed. */
export interface TestSelection extends Selection<StreamItem> {
  executions: number
  /** Runs first in every execution: may throw, or make it asynchronous. */
  before: (item: StreamItem) => void | Promise<void>
}

export function createTestSelection(key = 'all'): TestSelection {
  const selection: TestSelection = {
    key,
    executions: 0,
    before: () => {},
    render(item) {
      selection.executions++
      const wait = selection.before(item)
      return wait instanceof Promise ? wait.then(() => show(item)) : show(item)
    },
  }
  return selection
}

/** `MessageSent 3`, `CaughtUp 3`. */
export function show(item: StreamItem): Payload {
  const name = item.type === 'event' ? item.event.kind : item.type
  return { json: `${name} ${item.position.position}`, position: encodeCursor(item.position) }
}

/** One tenant on one node, over a log in memory and a clock that stands still. */
export function createDurableWorld(options: Partial<StreamOptions> = {}, bus: Bus = createMemoryBus()) {
  const log = createMemoryLog()
  const clock = createManualClock()
  const logger = createRecordingLogger()
  const heads = async (ids: readonly string[]) => {
    log.reads.heads++
    if (log.away) throw new UnavailableError('away')
    return new Map(
      ids.map(id => [id, { ...log.headNow(), receiptPosition: 0, revocationPosition: 0, revocationMark: 0n }]),
    )
  }
  const streams = createStreams({ store: { tenant: () => ({ log }), heads }, bus, clock, logger, options })
  const tenant = streams.tenant('acme')

  /** One commit of all of them, which follow one another. */
  const hearTogether = (...events: readonly CommittedEvent[]) => {
    const [first] = events
    if (first !== undefined) streams.apply('acme', { after: log.before(first), events, receipts: [], more: false })
  }
  const hear = (...events: readonly CommittedEvent[]) => {
    for (const event of events) hearTogether(event)
  }
  const commit = (kind: EventKind, conversationId = 'c', refs?: EventRefs) => {
    const event = log.commit(kind, conversationId, refs)
    hear(event)
    return event
  }
  const sendMany = (count: number, conversationId = 'c') => {
    for (let nth = 0; nth < count; nth++) commit('MessageSent', conversationId)
  }

  async function inbox(userId: string, request: Request = {}) {
    const sink = request.sink ?? createRecordingSink(userId, request.room)
    const subscription = await tenant.openInbox({ ...withDefaults(request), sink })
    return { sink, subscription }
  }

  async function conversation(userId: string, conversationId = 'c', request: Request = {}) {
    const sink = request.sink ?? createRecordingSink(userId, request.room)
    const subscription = await tenant.openConversation(conversationId, { ...withDefaults(request), sink })
    return { sink, subscription }
  }

  return { log, clock, logger, streams, tenant, hear, hearTogether, commit, sendMany, inbox, conversation }
}

interface Request {
  readonly after?: { position: number; mark: bigint } | null
  readonly selection?: Selection<StreamItem>
  readonly sink?: RecordingSink
  readonly room?: number
}

function withDefaults({ after = null, selection = createTestSelection() }: Request) {
  return { after, selection }
}

/** Waits until the sink has been written exactly this, and nothing against the contract. */
export async function sees(sink: RecordingSink, expected: readonly string[]): Promise<void> {
  await vi.waitUntil(() => sink.written.length >= expected.length || sink.faults.length > 0).catch(() => {})
  await settled()
  expect({ written: sink.written, faults: sink.faults }).toEqual({ written: expected, faults: [] })
}

/** Lets everything that is under way come to rest. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

export const GREETING = 'CaughtUp 1'

/** «c» has these members; whoever opens now is told CaughtUp 1 and then what comes. */
export function conversationOf(memberIds: string[], options: Partial<StreamOptions> = {}) {
  const world = createDurableWorld(options)
  world.commit('ConversationCreated', 'c', { memberIds })
  return world
}

/** What messages from one position to another look like. */
export function positions(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => `MessageSent ${from + nth}`)
}
