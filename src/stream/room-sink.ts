import { type Backlog, createBacklog } from './backlog.ts'
import { Occupant } from './occupant.ts'
import type { StreamOptions } from './options.ts'
import type { Selection } from './selection.ts'
import type { OpenRoom } from './streams.ts'

/** One operation on an ephemeral room. */
export class RoomSink extends Occupant {
  readonly request: OpenRoom<unknown>
  readonly room: string
  /** The first comer's of its kind. */
  readonly selection: Selection<unknown>
  #backlog: Backlog<unknown> | null = null
  readonly #leave: (sink: RoomSink) => void

  constructor(
    room: string,
    selection: Selection<unknown>,
    request: OpenRoom<unknown>,
    leave: (sink: RoomSink) => void,
  ) {
    super(request.sink)
    this.room = room
    this.selection = selection
    this.request = request
    this.#leave = leave
  }

  protected override left(): void {
    this.#backlog = null
    this.#leave(this)
  }

  accepts(source: unknown): boolean {
    return this.request.accepts?.(source) ?? true
  }

  /** What is to follow, once it may be written to. */
  backlog(options: StreamOptions): Backlog<unknown> {
    this.#backlog ??= createBacklog({
      keyOf: source => this.request.keyOf(source),
      newer: (held, state) => this.request.newer?.(held, state) ?? true,
      maxStates: options.roomStates,
      maxQueue: options.roomQueue,
    })
    return this.#backlog
  }

  /** The next of the backlog; when there is none, the sink has all and is joined. */
  next(): unknown {
    const source = this.#backlog?.take()
    if (source === undefined) {
      this.#backlog = null
      this.become('joined')
    }
    return source
  }
}
