import { setTimeout } from 'node:timers/promises'
import { type Acknowledged, judge, type Log, type Verdict } from './delivery.ts'
import { readLog } from './log.ts'
import type { Rooms } from './rooms.ts'
import type { Subscriber } from './subscriber.ts'

/** Milliseconds after which what has not arrived counts as lost. */
const PATIENCE = 30_000

/** Reads the log to its end, waits until every subscriber has heard the last that is for it, or has had ample time, and judges. */
export async function settle(
  { audit, start }: Rooms,
  subscribers: readonly Subscriber[],
  acknowledged: readonly Acknowledged[],
): Promise<{ readonly log: Log; readonly verdict: Verdict }> {
  const log = await readLog(audit, start)
  const late = setTimeout(PATIENCE, undefined, { ref: false })
  await Promise.race([late, Promise.allSettled(subscribers.map(each => heardAll(each, log)))])
  return { log, verdict: judge(log, { streams: subscribers, acknowledged }) }
}

async function heardAll(subscriber: Subscriber, { entries }: Log): Promise<void> {
  const last = entries.findLast(({ conversationId }) => subscriber.conversations.has(conversationId))
  if (last !== undefined) await subscriber.first(({ position }) => position === last.position)
}

/** Resolves once every subscriber has heard the newest acknowledged message that is for it. */
export async function keepUp(subscribers: readonly Subscriber[], acknowledged: readonly Acknowledged[]): Promise<void> {
  const newest = new Map(acknowledged.map(({ conversationId, id }) => [conversationId, id]))
  await Promise.all(
    subscribers.map(async ({ conversations, first }) => {
      for (const conversationId of conversations) {
        const id = newest.get(conversationId)
        if (id !== undefined) await first(({ messageId }) => messageId === id)
      }
    }),
  )
}

/** The verdict's figures, in words. */
export function inWords({ acknowledged, delivered, lost, doubled, outOfOrder, untrue }: Verdict): string {
  return `${acknowledged} acknowledged, ${delivered} delivered, lost/doubled/out of order ${lost}/${doubled}/${outOfOrder}, untrue ${untrue}`
}

/** What every verdict must be. */
export const CLEAN = { lost: 0, doubled: 0, outOfOrder: 0, untrue: 0, findings: [] }
