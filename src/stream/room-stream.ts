import type { Logger } from '../observe/logger.ts'
import type { StreamOptions } from './options.ts'
import { createPipeline, type Delivery, type Pipeline } from './pipeline.ts'
import { refusalOf, revoked, unavailable } from './refusals.ts'
import { attempt, type Rendered } from './rendering.ts'
import { admit, enter, leave, type Room } from './room.ts'
import { RoomSink } from './room-sink.ts'
import type { Payload, Selection } from './selection.ts'
import type { Subscription } from './sink.ts'
import type { OpenRoom, RoomName } from './streams.ts'

/** A tenant's rooms without a log: the state first, then each change, or what is newest of them to one who lags. */
export interface RoomStream {
  open<Source>(name: RoomName, request: OpenRoom<Source>): Promise<Subscription>
  publish<Source>(name: RoomName, source: Source): void
  occupied(name: RoomName): boolean
  /** The user's membership of the conversation has ended. */
  revoke(conversationId: string, userId: string): void
  /** Memberships may have ended unnoticed: whoever listens as a member has to ask anew. */
  interrupt(): void
  close(): void
}

export interface RoomDeps {
  readonly logger: Logger
  readonly options: StreamOptions
  /** Resolves when the loss of a membership will be noticed from then on. */
  ready(): Promise<void>
  entered(): void
  left(): void
}

type Choice = Selection<unknown>

interface Ephemeral {
  readonly room: Room<unknown, RoomSink>
  readonly pipeline: Pipeline<unknown, Choice, RoomSink>
}

/** The place of a change in the order, for those who will be shown it when they can take it. */
const NOT_EXECUTED: Rendered = { error: undefined }

export function createRoomStream(deps: RoomDeps): RoomStream {
  const { logger, options } = deps
  const rooms = new Map<string, Ephemeral>()
  /** Those that only members may hear, by conversation. */
  const guarded = new Map<string, Set<RoomSink>>()

  async function open(name: RoomName, request: OpenRoom<unknown>): Promise<Subscription> {
    const sink = admitted(nameOf(name), request)
    try {
      await deps.ready()
      const state = sink.is('closed') ? [] : await request.snapshot()
      if (sink.is('closed')) throw sink.ending() ?? unavailable()
      sink.backlog(options).begin(state)
      setImmediate(() => sink.begin() && flush(sink))
      return sink
    } catch (error) {
      sink.close()
      throw refusalOf(error)
    }
  }

  function admitted(name: string, request: OpenRoom<unknown>): RoomSink {
    const { selection, conversationId } = request
    const place = rooms.get(name) ?? createPlace()
    admit(place.room, request.sink.userId, selection.key, options.maxSelectionsPerViewer)
    const shared = place.room.get(selection.key)?.selection ?? selection
    const sink = new RoomSink(name, shared, request, depart)
    rooms.set(name, place)
    enter(place.room, sink)
    if (conversationId !== undefined) {
      const members = guarded.get(conversationId)
      if (members === undefined) guarded.set(conversationId, new Set([sink]))
      else members.add(sink)
    }
    deps.entered()
    return sink
  }

  function createPlace(): Ephemeral {
    const pipeline = createPipeline<unknown, Choice, RoomSink>({
      limit: options.pipelineEvents,
      render: (source, selection, sinks) =>
        sinks.some(sink => sink.is('joined')) ? attempt(selection, source) : NOT_EXECUTED,
      deliver,
      overflow(jobs) {
        for (const { job, targets } of jobs)
          for (const sinks of targets.values()) for (const sink of sinks) hold(sink, job)
      },
    })
    return { room: new Map(), pipeline }
  }

  function depart(sink: RoomSink): void {
    const place = rooms.get(sink.room)
    if (place !== undefined) leave(place.room, sink)
    if (place?.room.size === 0) {
      place.pipeline.clear()
      rooms.delete(sink.room)
    }
    const { conversationId } = sink.request
    const members = conversationId === undefined ? undefined : guarded.get(conversationId)
    members?.delete(sink)
    if (conversationId !== undefined && members?.size === 0) guarded.delete(conversationId)
    deps.left()
  }

  function publish(name: RoomName, source: unknown): void {
    const place = rooms.get(nameOf(name))
    if (place === undefined) return
    const targets = new Map<Choice, RoomSink[]>()
    for (const { selection, listeners } of place.room.values()) {
      const sinks: RoomSink[] = []
      for (const sink of listeners) {
        if (!accepts(sink, source)) continue
        if (sink.is('opening')) hold(sink, source)
        else sinks.push(sink)
      }
      if (sinks.length > 0) targets.set(selection, sinks)
    }
    if (targets.size > 0) place.pipeline.push(source, targets)
  }

  function accepts(sink: RoomSink, source: unknown): boolean {
    try {
      return sink.accepts(source)
    } catch (error) {
      logger.error({ error }, 'a room could not tell who is to have a change')
      return false
    }
  }

  function deliver(sinks: readonly RoomSink[], deliveries: readonly Delivery<unknown>[]): void {
    const shown = deliveries.filter(isShown)
    for (const sink of sinks) {
      for (const { job: source, rendered } of shown) {
        if (sink.is('joined') && 'payload' in rendered) write(sink, rendered.payload)
        else hold(sink, source)
      }
    }
  }

  function isShown({ rendered }: Delivery<unknown>): boolean {
    if ('payload' in rendered || rendered === NOT_EXECUTED) return true
    logger.warn({ error: rendered.error }, 'executing a change of a room failed')
    return false
  }

  /** Keeps the source for a sink that is to be shown it later. */
  function hold(sink: RoomSink, source: unknown): void {
    if (sink.is('closed')) return
    try {
      sink.backlog(options).hold(source)
    } catch (error) {
      logger.error({ error }, 'a room could not keep a change')
      return
    }
    if (!sink.is('joined')) return
    sink.become('catching')
    void flush(sink)
  }

  /** Writes the backlog until it is empty: then the sink has joined, in the same turn. */
  async function flush(sink: RoomSink): Promise<void> {
    while (sink.is('catching')) {
      const source = sink.next()
      if (source === undefined) return
      const attempted = attempt(sink.selection, source)
      const rendered = attempted instanceof Promise ? await attempted : attempted
      if (!sink.is('catching')) return
      if ('payload' in rendered) write(sink, rendered.payload)
      else logger.warn({ error: rendered.error }, 'executing a change of a room failed')
    }
  }

  /** A sink whose socket is over its mark then waits until it has drained. */
  function write(sink: RoomSink, payload: Payload): void {
    try {
      if (sink.sink.write(payload) || sink.is('closed')) return
      sink.become('waiting')
      sink.sink.onDrain(() => queueMicrotask(() => resume(sink)))
    } catch (error) {
      logger.error({ error }, 'a sink could not be written to')
      sink.close()
    }
  }

  function resume(sink: RoomSink): void {
    if (!sink.is('waiting')) return
    sink.become('catching')
    void flush(sink)
  }

  return {
    open,
    publish,
    occupied: name => rooms.has(nameOf(name)),
    revoke(conversationId, userId) {
      for (const sink of [...(guarded.get(conversationId) ?? [])]) if (sink.sink.userId === userId) sink.end(revoked())
    },
    interrupt() {
      for (const sink of [...guarded.values()].flatMap(sinks => [...sinks])) sink.end(unavailable())
    },
    close() {
      for (const { room } of [...rooms.values()]) {
        for (const { listeners } of [...room.values()]) for (const sink of [...listeners]) sink.end(unavailable())
      }
    },
  }
}

/** No part can reach into the next, whatever it holds. */
function nameOf(name: RoomName): string {
  return JSON.stringify(name)
}
