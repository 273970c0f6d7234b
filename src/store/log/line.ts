import type { UnavailableError } from '../database/database.ts'
import type { BatchLimits, Behind } from './next-batch.ts'
import type { Turn } from './turn.ts'

/** The commands of one tenant that wait for their transaction. */
export interface TenantQueue {
  readonly tenantId: string
  /** How many commands wait in it. */
  readonly length: number
  /** Takes the next batch out of it, with at least one command. Called while it stands in the line. */
  take(room: BatchLimits): Turn
  /** Takes another batch while one is under way; nothing when too little could leave behind that. */
  takeBehind(room: BatchLimits, behind: Behind): Turn | undefined
  /** The database has answered to a batch that was taken; who waits for it may hear of that later. */
  done(): void
  /** Tells everyone in it that their command is not tried. It stands in the line no longer. */
  refuse(error: UnavailableError): void
}

/** What one transaction carries at most; the first command of the last tenant may go beyond. */
export interface CommitLimits extends BatchLimits {
  readonly tenants: number
}

/** A batch, and the queue that it came from. */
export interface Part {
  readonly queue: TenantQueue
  readonly turn: Turn
}

/**
 * The tenants that wait, in the order of their coming. A tenant's lane, of so many, follows from its name alone: so the same tenants share transactions
 * on every node that has as many lanes, and one of them waits for the locks of one of another node's, not for all.
 */
export function createLine(limits: CommitLimits) {
  /** Each with the hash of its name. */
  const line = new Map<TenantQueue, number>()

  function take(queue: TenantQueue, room: BatchLimits): Part {
    line.delete(queue)
    return { queue, turn: queue.take(room) }
  }

  function laneWith(lanes: number, commands: number): number | undefined {
    const sums = new Array<number>(lanes).fill(0)
    for (const [{ length }, hash] of line) sums[hash % lanes] = (sums[hash % lanes] ?? 0) + length
    for (const hash of line.values()) if ((sums[hash % lanes] ?? 0) >= commands) return hash % lanes
    return undefined
  }

  return {
    get length() {
      return line.size
    },
    /** Of all who stand in it. */
    get commands() {
      let sum = 0
      for (const { length } of line.keys()) sum += length
      return sum
    },
    /** Each stands in it once. */
    add(queue: TenantQueue): void {
      line.set(queue, hashOf(queue.tenantId))
    },
    /** Who has waited longest, alone. */
    first(): readonly Part[] {
      const [queue] = line.keys()
      return queue === undefined ? [] : [take(queue, limits)]
    },
    /**
     * A lane, of so many, that has at least so many commands: of those that have, the one of who has waited longest. Who is in it, as far as they fit, in the
     * order in which every node takes their locks. Nobody where no lane has enough.
     */
    lane(lanes: number, commands: number): readonly Part[] {
      const lane = laneWith(lanes, commands)
      const parts: Part[] = []
      let { batchCommands, batchBytes } = limits
      for (const [queue, hash] of line) {
        if (hash % lanes !== lane) continue
        const part = take(queue, { batchCommands, batchBytes })
        parts.push(part)
        batchCommands -= part.turn.commands
        batchBytes -= part.turn.bytes
        if (parts.length >= limits.tenants || batchCommands <= 0 || batchBytes <= 0) break
      }
      return parts.sort((a, b) => (a.queue.tenantId < b.queue.tenantId ? -1 : 1))
    },
    /** Tells all of them that nothing of theirs is tried. */
    refuse(error: UnavailableError): void {
      const all = [...line.keys()]
      line.clear()
      for (const queue of all) queue.refuse(error)
    },
  }
}

/** FNV-1a over the UTF-16 units: alike on every node, and spread well enough. */
function hashOf(tenantId: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < tenantId.length; n++) hash = Math.imul(hash ^ tenantId.charCodeAt(n), 0x01000193)
  return hash >>> 0
}
