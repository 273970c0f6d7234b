import type { Part, TenantQueue } from './line.ts'
import type { BatchLimits } from './next-batch.ts'
import type { Succession } from './succession.ts'
import type { Turn } from './turn.ts'

/**
 * A batch that follows has at least so many commands, and so large a part of the number of the one under way. As many have to come since that was alone; where a
 * whole batch waits, none.
 */
const WORTH_COMMANDS = 32
const WORTH_PART = 0.9

export interface FollowingOptions {
  readonly limits: BatchLimits
  /** Whether other tenants wait. A succession keeps a connection: nobody follows then. */
  readonly othersWait: () => boolean
  /** Sends a batch behind the one that the succession has under way. */
  readonly send: (part: Part, succession: Succession) => void
}

/** A batch that is under way, and that the next of its queue may follow. */
interface Lead {
  readonly turn: Turn
  readonly succession: Succession
  /** Fewer commands do not follow it. */
  readonly least: number
  /** While fewer commands wait, they are not looked at. Known from the first look at which the batch is alone. */
  looksFrom: number | undefined
  called: boolean
}

export interface Following {
  /** A batch leaves on the succession. What is returned tells that it is answered. */
  begin(part: Part, succession: Succession): () => void
  /** What waits in the queue is looked at: at the end of the event loop's turn the next batch leaves, if it may. */
  look(queue: TenantQueue): void
}

/**
 * A queue's next batch leaves while one is under way, so that the database goes on with it at once: else it waits until that one is answered, and the next one
 * made and sent. It leaves late, for each has a commit of its own, and whoever comes after it waits for all of it. There are two at most, and whoever has a
 * command in the first has none in the second, which may be committed although the first was refused.
 */
export function createFollowing({ limits, othersWait, send }: FollowingOptions): Following {
  const leads = new Map<TenantQueue, Lead>()

  function mayFollow(queue: TenantQueue, lead: Lead): boolean {
    const { underWay, refused } = lead.succession
    if (underWay !== 1 || refused || othersWait()) return false
    lead.looksFrom ??= Math.min(queue.length + lead.least, limits.batchCommands)
    return queue.length >= lead.looksFrom
  }

  function follow(queue: TenantQueue, lead: Lead): void {
    lead.called = false
    if (leads.get(queue) !== lead || !mayFollow(queue, lead)) return
    const { succession, least } = lead
    const turn = queue.takeBehind(limits, { apart: lead.turn.actors(), least })
    // To look through the queue once more is not worth it before as many have come again.
    if (turn === undefined) lead.looksFrom = queue.length + least
    else send({ queue, turn }, succession)
  }

  return {
    begin({ queue, turn }, succession) {
      const least = Math.max(WORTH_COMMANDS, turn.commands * WORTH_PART)
      const lead = { turn, succession, least, looksFrom: undefined, called: false }
      leads.set(queue, lead)
      return () => {
        if (leads.get(queue) === lead) leads.delete(queue)
      }
    },
    look(queue) {
      const lead = leads.get(queue)
      if (lead === undefined || lead.called || !mayFollow(queue, lead)) return
      lead.called = true
      setImmediate(follow, queue, lead)
    },
  }
}
