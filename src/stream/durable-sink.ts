import type { StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import { Occupant } from './occupant.ts'
import { REVOKED_REASON } from './reasons.ts'
import type { Payload, Selection } from './selection.ts'
import type { Sink } from './sink.ts'

const NOWHERE: Cursor = { position: 0, mark: 0n }

/** One operation on the log: of one conversation, or (null) of a user's inbox. */
export class DurableSink extends Occupant {
  readonly conversationId: string | null
  readonly selection: Selection<StreamItem>
  /** All up to here that it may see has been written to it. */
  cursor: Cursor = NOWHERE
  /** The age of the log that `cursor` is a place of. */
  age = -1
  /** Of a conversation: where the membership began that its cursor is in or comes to next. */
  memberFrom = Number.POSITIVE_INFINITY
  /** Of a conversation: whether the membership has ended, which it may not have been told yet. */
  former = false
  /** When it was last written to. */
  saidAt = 0
  /** What must be said before anything else: AccessRevoked, after the leaver's own MemberLeft. */
  owed: StreamItem | null = null
  /** Whether it was opened at a cursor, and has said nothing since. */
  resumes = false
  /** Whether CaughtUp was said since it was opened or told to fetch the state anew. */
  greeted = false
  /** How often the next item has failed to execute, and how often the database was away since the last was said. */
  failures = 0
  misses = 0
  cancelPause: (() => void) | null = null
  readonly #leave: (sink: DurableSink) => void

  constructor(
    conversationId: string | null,
    selection: Selection<StreamItem>,
    sink: Sink,
    leave: (sink: DurableSink) => void,
  ) {
    super(sink)
    this.conversationId = conversationId
    this.selection = selection
    this.#leave = leave
  }

  protected override left(): void {
    this.cancelPause?.()
    this.cancelPause = null
    this.#leave(this)
  }

  /** Whether the item, delivered to the joined, is what it has to be told next. */
  expects(item: StreamItem): boolean {
    if (!this.is('joined')) return false
    const { position } = item.position
    if (item.type === 'AccessRevoked') return this.owed?.position.position === position
    return item.type === 'CaughtUp' ? this.cursor.position <= position : this.cursor.position < position
  }

  /** Writes the item and moves the cursor to it. Returns whether more may be written at once. */
  say(item: StreamItem, payload: Payload, now: number): boolean {
    this.cursor = item.position
    this.saidAt = now
    this.failures = 0
    this.misses = 0
    this.resumes = false
    this.owed = this.#consequence(item)
    if (item.type === 'CaughtUp') this.greeted = true
    if (item.type === 'ResyncRequired') this.greeted = false
    const below = this.sink.write(payload)
    if (item.type === 'AccessRevoked' && this.conversationId !== null) this.end()
    return below && !this.is('closed')
  }

  #consequence(item: StreamItem): StreamItem | null {
    if (item.type !== 'event' || item.event.kind !== 'MemberLeft') return null
    const { conversationId, refs } = item.event
    return refs.userId === this.sink.userId ? accessRevoked(conversationId, item.position) : null
  }
}

export function accessRevoked(conversationId: string, position: Cursor): StreamItem {
  return { type: 'AccessRevoked', position, conversationId, reason: REVOKED_REASON }
}
