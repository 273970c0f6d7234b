import type { CommitLimits, Part, TenantQueue } from './line.ts'
import type { Turn } from './turn.ts'

/** A batch follows when at least so many commands have come since the database began with the one ahead, and so large a part of its number. */
const WORTH_COMMANDS = 32
const WORTH_PART = 0.9

/** What batches of one queue are sent on, one behind the other. */
export interface Pipeline {
  /** How many were sent and not answered. */
  underWay: number
  /** Resolves when the one sent last is answered. */
  last: Promise<unknown> | undefined
}

export function createPipeline(): Pipeline {
  return { underWay: 0, last: undefined }
}

export interface FollowingOptions {
  readonly limits: CommitLimits
  /** Whether nobody may follow: a pipeline keeps a connection that others wait for. */
  readonly isWanted: () => boolean
  /** Sends a batch behind the one that the pipeline has under way. */
  readonly send: (part: Part, pipeline: Pipeline) => void
}

/** A batch that is under way, and that the next of its queue may follow. */
interface Lead {
  readonly turn: Turn
  readonly pipeline: Pipeline
  /** Fewer commands do not follow it. */
  readonly least: number
  /** While fewer commands wait, they are not looked at. Known once the database works on the batch. */
  looksFrom: number | undefined
  called: boolean
}

export interface Following {
  /** A batch leaves on the pipeline. What is returned tells that it is answered. */
  begin(part: Part, pipeline: Pipeline): () => void
  /** The queue has more in it: at the end of the event loop's turn the next batch leaves, if it may. */
  grew(queue: TenantQueue): void
}

/**
 * A queue's next batch leaves while one is under way, so that the database goes on with it at once: else it waits until that one is answered, and the next one
 * made and sent. It leaves late, for each has a commit of its own, and whoever comes after it waits for all of it. There are two at most, and whoever has a
 * command in the first has none in the second, which may be committed although the first was refused.
 */
export function createFollowing({ limits, isWanted, send }: FollowingOptions): Following {
  const leads = new Map<TenantQueue, Lead>()

  function mayFollow(queue: TenantQueue, lead: Lead): boolean {
    if (lead.pipeline.underWay !== 1 || isWanted()) return false
    lead.looksFrom ??= Math.min(queue.length + lead.least, limits.batchCommands)
    return queue.length >= lead.looksFrom
  }

  function follow(queue: TenantQueue, lead: Lead): void {
    lead.called = false
    if (leads.get(queue) !== lead || !mayFollow(queue, lead)) return
    const { pipeline, least } = lead
    const turn = queue.takeBehind(limits, { apart: lead.turn.actors(), least })
    // To look through the queue once more is not worth it before as many have come again.
    if (turn === undefined) lead.looksFrom = queue.length + least
    else send({ queue, turn }, pipeline)
  }

  return {
    begin({ queue, turn }, pipeline) {
      const least = Math.max(WORTH_COMMANDS, turn.commands * WORTH_PART)
      const lead = { turn, pipeline, least, looksFrom: undefined, called: false }
      leads.set(queue, lead)
      return () => {
        if (leads.get(queue) === lead) leads.delete(queue)
      }
    },
    grew(queue) {
      const lead = leads.get(queue)
      if (lead === undefined || lead.called || !mayFollow(queue, lead)) return
      lead.called = true
      setImmediate(follow, queue, lead)
    },
  }
}
