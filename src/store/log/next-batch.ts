import type { Command, CommandKind } from '../command.ts'

/** What one flush carries at most. */
export interface BatchLimits {
  readonly batchCommands: number
  readonly batchBytes: number
}

/** What a batch that leaves behind another one, before that is answered, does not carry, and when it is worth it. */
export interface Behind {
  /** Whose commands stay: those of the other batch may fail, and nobody's pass each other. */
  readonly apart: ReadonlySet<string>
  /** Fewer commands all stay. */
  readonly least: number
}

const NOTHING_AHEAD: Behind = { apart: new Set(), least: 0 }

/** A command that waits for its turn. */
export interface Queued {
  readonly command: Command<unknown>
  readonly bytes: number
}

/**
 * Takes from the queue what the next flush carries, in the order of arrival. A command stays behind, and with it all later ones of its actor, when its
 * conflict key is in the batch already, or when the statement that it would share stands before one of its actor's own earlier commands: so nobody's
 * commands overtake each other.
 */
export function takeBatch<Waiting extends Queued>(
  queue: Waiting[],
  limits: BatchLimits,
  { apart, least }: Behind = NOTHING_AHEAD,
): readonly Waiting[] {
  const batch: Waiting[] = []
  const left: Waiting[] = []
  const room = createRoom(apart)
  let bytes = 0
  let seen = 0
  for (const waiting of queue) {
    const isFull = batch.length >= limits.batchCommands || bytes + waiting.bytes > limits.batchBytes
    if (isFull && batch.length > 0) break
    seen++
    if (room.takes(waiting.command)) {
      batch.push(waiting)
      bytes += waiting.bytes
    } else left.push(waiting)
  }
  if (batch.length < least) return []
  queue.splice(0, seen, ...left)
  return batch
}

/** Which commands can share a batch with those that it took before. */
function createRoom(apart: ReadonlySet<string>) {
  const keys = new Set<string>()
  const shared = new Map<CommandKind<unknown, unknown>, number>()
  /** The place of each actor's last statement; infinite for one who has to wait. */
  const last = new Map<string, number>(Array.from(apart, actor => [actor, Number.POSITIVE_INFINITY]))
  let statements = 0

  return {
    takes({ kind, input }: Command<unknown>): boolean {
      const actor = kind.actor(input)
      const place = shared.get(kind) ?? statements
      const key = kind.conflictKey && `${kind.name} ${kind.conflictKey(input)}`
      if ((last.get(actor) ?? 0) > place || (key !== undefined && keys.has(key))) {
        last.set(actor, Number.POSITIVE_INFINITY)
        return false
      }
      if (key !== undefined) keys.add(key)
      last.set(actor, place)
      if (place === statements) statements++
      if (kind.setBased) shared.set(kind, place)
      return true
    },
  }
}
