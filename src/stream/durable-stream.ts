import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent, EventItem, StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { TenantLog } from '../store/store.ts'
import { createCatchUp, type ReadPage } from './catch-up.ts'
import { accessRevoked, DurableSink } from './durable-sink.ts'
import { createMemberships } from './membership.ts'
import type { StreamOptions } from './options.ts'
import { createPipeline, type Delivery, type Targets } from './pipeline.ts'
import { noConversation, refusalOf, unavailable } from './refusals.ts'
import { createReminder } from './reminder.ts'
import { attempt, createRenderings } from './rendering.ts'
import { createRing } from './ring.ts'
import { admit, enter, leave, type Room } from './room.ts'
import type { Selection } from './selection.ts'
import { createSelectionPool } from './selection-pool.ts'
import type { Subscription } from './sink.ts'
import type { OpenDurable } from './streams.ts'

/** A tenant's inboxes and conversations: their sinks, and the events that they are shown in position order. */
export interface DurableStream {
  /** Of one conversation, or (null) of the user's inbox. */
  open(conversationId: string | null, request: OpenDurable): Promise<Subscription>
  /** Takes the event that follows the head. */
  apply(event: CommittedEvent): void
  /** Shows what the task applies at its end, or sooner: each sink all of it in one go. */
  together(task: () => void): void
  /** Begins at `head`, or begins anew there because the log is another one. */
  start(head: Cursor): void
  started(): boolean
  /** The mark of an event that was applied lately. */
  markAt(position: number): bigint | undefined
  close(): void
}

export interface DurableDeps {
  readonly log: Pick<TenantLog, 'inboxPage' | 'conversationPage'>
  readonly clock: Clock
  readonly logger: Logger
  readonly options: StreamOptions
  /** A snapshot had this head: the stream may start from it, or learn that its log is another one. */
  seen(head: Cursor, isOther: boolean): void
  /** Resolves when the commits of other nodes are heard of from then on. */
  ready(): Promise<void>
  entered(): void
  left(): void
}

type DurableRoom = Room<StreamItem, DurableSink>
type Choice = Selection<StreamItem>

interface Job {
  readonly item: StreamItem
  /** The head that was applied before the item: what every joined sink had been given until then. */
  readonly before: Cursor
}

export function createDurableStream(deps: DurableDeps): DurableStream {
  const { log, clock, logger, options } = deps
  const inboxes = new Map<string, DurableRoom>()
  const conversations = new Map<string, DurableRoom>()
  const ring = createRing(options.ringEvents)
  const memberships = createMemberships()
  const renderings = createRenderings(options.renderedChars)
  const pool = createSelectionPool<StreamItem>()
  const catchUp = createCatchUp({ clock, logger, options, ring, memberships, renderings, read, join })
  const reminder = createReminder({ clock, options, sinks, head: ring.head, remind })
  const pipeline = createPipeline<Job, Choice, DurableSink>({
    limit: options.pipelineEvents,
    render: ({ item }, selection) =>
      item.type === 'event' ? renderings.render(item, selection) : attempt(selection, item),
    deliver,
    overflow: jobs => scatter(jobs[0]?.job.before),
  })

  async function open(conversationId: string | null, request: OpenDurable): Promise<Subscription> {
    const sink = admitted(conversationId, request)
    try {
      await deps.ready()
      const first = await read(sink, request.after)
      if (sink.is('closed')) throw sink.ending() ?? unavailable()
      if (conversationId !== null && first.page.intervals.every(interval => interval.to !== null))
        throw noConversation()
      sink.cursor = request.after ?? first.page.reached
      sink.resumes = request.after !== null
      sink.saidAt = clock.now()
      setImmediate(() => catchUp.begin(sink, first))
      return sink
    } catch (error) {
      sink.close()
      throw refusalOf(error)
    }
  }

  function admitted(conversationId: string | null, { selection, sink }: OpenDurable): DurableSink {
    const rooms = conversationId === null ? inboxes : conversations
    const name = conversationId ?? sink.userId
    const room: DurableRoom = rooms.get(name) ?? new Map()
    admit(room, sink.userId, selection.key, options.maxSelectionsPerViewer)
    const listener = new DurableSink(conversationId, pool.take(selection), sink, depart)
    rooms.set(name, room)
    enter(room, listener)
    deps.entered()
    return listener
  }

  function depart(sink: DurableSink): void {
    const rooms = sink.conversationId === null ? inboxes : conversations
    const name = sink.conversationId ?? sink.sink.userId
    const room = rooms.get(name)
    if (room !== undefined) leave(room, sink)
    pool.release(sink.selection)
    if (room?.size === 0) {
      rooms.delete(name)
      if (sink.conversationId === null) memberships.remove(name)
    }
    deps.left()
  }

  async function read({ sink, conversationId }: DurableSink, after: Cursor | null): Promise<ReadPage> {
    const before = ring.head()
    const age = ring.age()
    const page =
      conversationId === null
        ? await log.inboxPage(sink.userId, after, options.pageEvents)
        : await log.conversationPage(conversationId, sink.userId, after, options.pageEvents)
    const mark = ring.markAt(page.head.position) ?? page.head.mark
    // A snapshot that was asked for after a position was applied has that position, unless the log was put back.
    const isBehind = before !== undefined && page.head.position < before.position
    const isOther = age === ring.age() && (isBehind || mark !== page.head.mark)
    deps.seen(page.head, isOther)
    return { page, after, age: isOther || before === undefined ? ring.age() : age }
  }

  function join(sink: DurableSink): void {
    sink.become('joined')
    sink.misses = 0
    reminder.joined(sink)
  }

  function apply(event: CommittedEvent): void {
    const position = { position: event.position, mark: event.mark }
    const item: EventItem = { type: 'event', position, event }
    const before = ring.head() ?? position
    memberships.apply(event)
    const evicted = ring.push(item)
    if (evicted !== undefined) memberships.forget(evicted.event)
    const targets = fold(roomsOf(event))
    if (targets.size > 0) pipeline.push({ item, before }, targets)
    if (event.kind === 'MemberLeft') revoke(event, position, targets)
    reminder.applied()
  }

  function* roomsOf(event: CommittedEvent): Generator<DurableRoom> {
    const conversation = conversations.get(event.conversationId)
    if (conversation !== undefined) yield conversation
    for (const userId of memberships.holders(event)) {
      const inbox = inboxes.get(userId)
      if (inbox !== undefined) yield inbox
    }
  }

  function revoke(event: CommittedEvent, position: Cursor, targets: Targets<Choice, DurableSink>): void {
    const { userId } = event.refs
    const room = conversations.get(event.conversationId)
    for (const sink of room === undefined ? [] : listenersOf(room)) if (sink.sink.userId === userId) sink.former = true
    const leavers = new Map<Choice, readonly DurableSink[]>()
    for (const [selection, listeners] of targets) {
      const own = listeners.filter(listener => listener.sink.userId === userId)
      if (own.length > 0) leavers.set(selection, own)
    }
    const item = accessRevoked(event.conversationId, position)
    if (leavers.size > 0) pipeline.push({ item, before: position }, leavers)
    // Streams of other kinds end after it.
    pipeline.flush()
  }

  function remind(quiet: readonly DurableSink[], head: Cursor): void {
    const targets = new Map<Choice, DurableSink[]>()
    for (const sink of quiet) addTo(targets, sink)
    pipeline.push({ item: { type: 'CaughtUp', position: head }, before: head }, targets)
  }

  function deliver(listeners: readonly DurableSink[], deliveries: readonly Delivery<Job>[]): void {
    const shown = deliveries.filter(isShown)
    const now = clock.now()
    for (const sink of listeners) {
      for (const { job, rendered } of shown) {
        if (!sink.expects(job.item)) continue
        if ('payload' in rendered) catchUp.say(sink, job.item, rendered.payload, now)
        else {
          advance(sink, job.before)
          catchUp.fail(sink, rendered.error)
        }
      }
    }
  }

  function isShown({ job: { item }, rendered }: Delivery<Job>): boolean {
    if ('payload' in rendered) return true
    logger.warn({ error: rendered.error, item: item.type }, 'executing an event failed')
    return item.type !== 'CaughtUp' // said again later
  }

  /** Makes every joined sink a lagging one. `delivered` is how far all of them have been given what they may see. */
  function scatter(delivered: Cursor | undefined): void {
    const joined = [...sinks()].filter(sink => sink.is('joined'))
    for (const sink of joined) {
      if (delivered !== undefined) advance(sink, delivered)
      sink.become('waiting')
    }
    if (joined.length > 0) setImmediate(() => joined.forEach(catchUp.resume))
  }

  function* sinks(): Generator<DurableSink> {
    for (const rooms of [inboxes, conversations]) {
      for (const room of rooms.values()) yield* listenersOf(room)
    }
  }

  return {
    open,
    apply,
    together: pipeline.together,
    started: () => ring.head() !== undefined,
    markAt: ring.markAt,
    start(head) {
      ring.start(head)
      memberships.clear()
      renderings.clear()
      pipeline.clear()
      scatter(undefined)
    },
    close() {
      reminder.close()
      pipeline.clear()
      for (const sink of [...sinks()]) sink.end(unavailable())
    },
  }
}

/** Whom one event goes to, over all its rooms: each selection once, with every joined sink that has it. */
function fold(rooms: Iterable<DurableRoom>): Map<Choice, DurableSink[]> {
  const targets = new Map<Choice, DurableSink[]>()
  for (const room of rooms) {
    for (const group of room.values()) {
      for (const sink of group.listeners) if (sink.is('joined')) addTo(targets, sink)
    }
  }
  return targets
}

function* listenersOf(room: DurableRoom): Generator<DurableSink> {
  for (const group of room.values()) yield* group.listeners
}

function addTo(targets: Map<Choice, DurableSink[]>, sink: DurableSink): void {
  const present = targets.get(sink.selection)
  if (present === undefined) targets.set(sink.selection, [sink])
  else present.push(sink)
}

function advance(sink: DurableSink, place: Cursor): void {
  if (place.position > sink.cursor.position) sink.cursor = place
}
