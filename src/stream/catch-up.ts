import type { Clock } from '../domain/clock.ts'
import { RequestError } from '../domain/errors.ts'
import { type EventItem, eventItems, type StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { LogPage } from '../store/store.ts'
import { accessRevoked, type DurableSink } from './durable-sink.ts'
import type { Memberships } from './membership.ts'
import type { StreamOptions } from './options.ts'
import { RESYNC_REASON } from './reasons.ts'
import { unavailable } from './refusals.ts'
import { attempt, type Rendered, type Renderings } from './rendering.ts'
import type { Ring } from './ring.ts'
import type { Payload } from './selection.ts'

/**
 * How a sink that lags comes to be joined: from the ring where that reaches back to its cursor, else by pages of the log. Start, resume, slow
 * reader and failed execution are this one way.
 */
export interface CatchUp {
  /** Begins with the page that opened the sink. */
  begin(sink: DurableSink, page: ReadPage): void
  /** Goes on with a sink that was waiting. */
  resume(sink: DurableSink): void
  /** Writes the item. When the socket is over its mark then, the sink lags and goes on when it has drained. Returns whether it may have more. */
  say(sink: DurableSink, item: StreamItem, payload: Payload, now: number): boolean
  /** Executing the sink's next item failed: goes on after a pause. Gives up after a few tries, unless it is the database that is away. */
  fail(sink: DurableSink, error: unknown): void
}

/** A page, what it was asked for, and the age of the log when it was asked. */
export interface ReadPage {
  readonly page: LogPage
  readonly after: Cursor | null
  readonly age: number
}

export interface CatchUpDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly options: StreamOptions
  readonly ring: Ring
  readonly memberships: Memberships
  readonly renderings: Renderings
  read(sink: DurableSink, after: Cursor): Promise<ReadPage>
  /** The sink has met the head. */
  join(sink: DurableSink): void
}

/** How many events of a page are executed side by side. */
const ABREAST = 16

export function createCatchUp(deps: CatchUpDeps): CatchUp {
  const { clock, logger, options, ring, memberships, renderings } = deps

  async function run(sink: DurableSink, first?: ReadPage): Promise<void> {
    let goesOn = first === undefined || (await sayPage(sink, first))
    for (let said = 1; goesOn && sink.is('catching'); said++) {
      if (said % options.pageEvents === 0) await nextTurn()
      const next = nextOf(sink)
      if (next === 'head') {
        deps.join(sink)
        return
      }
      if (next === 'page') {
        const page = await readPage(sink)
        goesOn = page !== undefined && (await sayPage(sink, page))
      } else {
        const rendered = isShared(next) ? renderings.render(next, sink.selection) : attempt(sink.selection, next)
        goesOn = put(sink, next, rendered instanceof Promise ? await rendered : rendered)
      }
    }
  }

  /** What the sink lacks: an item, a page of the log, or nothing because it is at the head. */
  function nextOf(sink: DurableSink): StreamItem | 'page' | 'head' {
    if (sink.owed !== null) return sink.owed
    if (!inRing(sink)) return 'page'
    for (let item = ring.after(sink.cursor.position); item !== undefined; item = ring.after(sink.cursor.position)) {
      if (sees(sink, item)) return isFormer(sink, item) ? { ...item, former: true } : item
      sink.cursor = item.position
    }
    return sink.greeted ? 'head' : { type: 'CaughtUp', position: sink.cursor }
  }

  function inRing(sink: DurableSink): boolean {
    const { position } = sink.cursor
    if (sink.age !== ring.age() || !ring.reaches(position)) return false
    // A member as of the cursor is one up to the event that says otherwise.
    if (sink.conversationId !== null) return sink.memberFrom <= position
    return memberships.covers(sink.sink.userId, position)
  }

  function sees(sink: DurableSink, { event }: EventItem): boolean {
    if (sink.conversationId !== null) return event.conversationId === sink.conversationId
    return memberships.holds(sink.sink.userId, event)
  }

  /** The reader's membership has ended while it lagged. */
  function isFormer({ sink, former, conversationId }: DurableSink, { event }: EventItem): boolean {
    return conversationId === null ? !memberships.lasts(sink.userId, event.conversationId) : former
  }

  async function readPage(sink: DurableSink): Promise<ReadPage | undefined> {
    try {
      const page = await deps.read(sink, sink.cursor)
      return page
    } catch (error) {
      if (sink.is('closed')) return undefined
      logger.warn({ error }, 'could not read the log for a sink')
      pause(sink, sink.misses++)
      return undefined
    }
  }

  /** Writes what the page brings. Returns whether the sink may be written more at once. */
  async function sayPage(sink: DurableSink, read: ReadPage): Promise<boolean> {
    if (sink.is('closed')) return false
    const { page, after, age } = read
    install(sink, read)
    sink.age = age
    // An inbox has no use for it, and more intervals than one call takes arguments.
    if (sink.conversationId !== null) sink.memberFrom = Math.min(...page.intervals.map(({ from }) => from))
    if (!page.valid) {
      const resync: StreamItem = { type: 'ResyncRequired', position: page.head, reason: RESYNC_REASON }
      if (!put(sink, resync, await attempt(sink.selection, resync))) return false
    } else {
      if (after === null) sink.cursor = page.reached
      if (!(await repeatLoss(sink, read))) return false
      if (!(await sayEvents(sink, page))) return false
      if (page.reached.position > sink.cursor.position) sink.cursor = page.reached
    }
    if (isOver(sink, page)) sink.owed = accessRevoked(sink.conversationId ?? '', page.head)
    return true
  }

  /**
   * A leaving and the loss that it means have one cursor. A client that was cut off between the two comes back with it, and is told of the loss again; so is one
   * that was told already, which cannot be known. Returns whether the sink may be written more at once.
   */
  async function repeatLoss(sink: DurableSink, { page, after }: ReadPage): Promise<boolean> {
    const left = page.intervals.find(({ to }) => to !== null && to === after?.position)
    if (!sink.resumes || left === undefined || after === null || sink.conversationId !== null) return true
    const loss = accessRevoked(left.conversationId, after)
    sink.resumes = false
    sink.owed = loss
    return put(sink, loss, await attempt(sink.selection, loss))
  }

  async function sayEvents(sink: DurableSink, page: LogPage): Promise<boolean> {
    const all = eventItems(page.events, page.intervals)
    for (let index = 0; index < all.length; index += ABREAST) {
      const items = all.slice(index, index + ABREAST)
      const executions = items.map(item => attempt(sink.selection, item))
      for (const [nth, item] of items.entries()) {
        const rendered = await executions[nth]
        if (rendered === undefined || !put(sink, item, rendered)) return false
        const { owed } = sink
        if (owed !== null && !put(sink, owed, await attempt(sink.selection, owed))) return false
      }
    }
    return true
  }

  /** The membership as of the page's snapshot becomes the stream's, if the events since then are at hand. */
  function install({ sink, conversationId }: DurableSink, { page, after, age }: ReadPage): void {
    const { head, intervals } = page
    if (conversationId !== null || memberships.has(sink.userId)) return
    if (age !== ring.age() || !ring.reaches(head.position)) return
    const from = page.valid && after !== null ? after.position : head.position
    const oldest = ring.oldest()
    const needed = intervals.filter(interval => interval.to === null || interval.to >= oldest)
    memberships.install(sink.userId, { intervals: needed, from, asOf: head.position })
    for (let item = ring.after(head.position); item !== undefined; item = ring.after(item.position.position)) {
      memberships.apply(item.event, sink.userId)
    }
  }

  /** Returns whether the sink may be written more at once; if not, what is to happen has been arranged. */
  function put(sink: DurableSink, item: StreamItem, rendered: Rendered): boolean {
    if (!sink.is('catching')) return false
    if ('error' in rendered) {
      logger.debug({ error: rendered.error, item: item.type }, 'executing an event for a lagging sink failed')
      fail(sink, rendered.error)
      return false
    }
    return say(sink, item, rendered.payload, clock.now())
  }

  function say(sink: DurableSink, item: StreamItem, payload: Payload, now: number): boolean {
    try {
      if (sink.say(item, payload, now)) return true
      if (sink.is('closed')) return false
      sink.become('waiting')
      sink.sink.onDrain(() => queueMicrotask(() => resume(sink)))
    } catch (error) {
      logger.error({ error }, 'a sink could not be written to')
      sink.close()
    }
    return false
  }

  function fail(sink: DurableSink, error: unknown): void {
    if (isUnavailable(error)) {
      pause(sink, sink.misses++)
      return
    }
    sink.failures++
    if (sink.failures >= options.tries) {
      logger.warn({ tries: sink.failures }, 'an operation ends: its next event cannot be executed')
      sink.end(unavailable())
    } else pause(sink, sink.failures - 1)
  }

  /** The pause doubles with each that came before. */
  function pause(sink: DurableSink, before: number): void {
    sink.become('waiting')
    sink.cancelPause = clock.after(Math.min(options.retryMs * 2 ** before, options.retryMaxMs), () => resume(sink))
  }

  function resume(sink: DurableSink): void {
    if (!sink.is('waiting')) return
    sink.cancelPause = null
    sink.become('catching')
    start(sink)
  }

  function start(sink: DurableSink, page?: ReadPage): void {
    run(sink, page).catch(error => {
      logger.error({ error }, 'a sink could not catch up')
      sink.end(unavailable(error))
    })
  }

  return {
    begin(sink, page) {
      if (sink.begin()) start(sink, page)
    },
    resume,
    say,
    fail,
  }
}

/** The member of a conversation is none any more, and all that the membership covered has been said. */
function isOver({ conversationId, cursor }: DurableSink, { head, intervals }: LogPage): boolean {
  if (conversationId === null || cursor.position < head.position) return false
  return intervals.every(interval => interval.to !== null)
}

/** Whether others are shown the same of it. */
function isShared(item: StreamItem): boolean {
  return item.type === 'event' && item.former === undefined
}

/** Says nothing of the item: sooner or later the database answers again. */
function isUnavailable(error: unknown): boolean {
  return error instanceof RequestError && error.code === 'UNAVAILABLE'
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
