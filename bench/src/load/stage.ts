import { setTimeout } from 'node:timers/promises'
import { openClients } from './clients.ts'
import type { OpenQuestion } from './plan.ts'
import { createRehearsal } from './rehearsal.ts'
import { checkFrame, contentOf, createRooms, type Watch } from './rooms.ts'

/** One message in so many is read and checked. A prime: no pattern of the rooms goes with it. */
const SAMPLE = 499
/** Milliseconds after which what has not come is lost. */
const PATIENCE = 30_000

/** A scene that stands: everyone is connected and gets what is published. */
export interface Stage {
  readonly publishers: number
  /** Publishes the next message of that publisher's room. `since` is when that was. */
  publish(publisher: number, since: number): void
  /** Publishes where nobody listens: only the acknowledgement counts. */
  say(publisher: number): void
  watch(watch: Watch & { onAcknowledged?(publisher: number): void }): void
  /** Rejects when a socket failed, or when a message came doubled, too early or with another's words. */
  readonly broken: Promise<never>
  /** Waits until every subscriber has got everything, and every `say` its acknowledgement. Rejects when something is lost. */
  drained(): Promise<void>
  close(): void
}

const unwatched: Watch = { onDelivery() {}, onComplete() {} }

/** Opens the scene; resolves when every subscriber is known to get what is published (or has caught up, where it resumes). */
export async function openStage(plan: OpenQuestion): Promise<Stage> {
  const { rooms, subscribers } = createRooms(plan)
  const caughtUp = new Set<number>()
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  let watch: Parameters<Stage['watch']>[0] = unwatched
  let count = 0
  let unacknowledged = 0
  const { behind } = plan
  const rehearsal = createRehearsal(subscribers)
  let isRehearsing = behind === undefined && subscribers.length > 0

  const clients = await openClients(plan, {
    get counts() {
      return !isRehearsing
    },
    onText: (index, text) => rehearsal.heard(index, text),
    onMessage(index, text) {
      const subscriber = subscribers[index]
      if (subscriber === undefined) return
      if (behind !== undefined) {
        // Nobody here has published it: all that can be told is how many there are.
        subscriber.received++
        return
      }
      try {
        subscriber.room.got(subscriber, watch)
        if (++count % SAMPLE === 0 && text !== undefined) checkFrame(text(), subscriber.received)
      } catch (error) {
        broken.reject(error)
      }
    },
    onCaughtUp: index => caughtUp.add(index),
    onAcknowledged(publisher) {
      unacknowledged--
      watch.onAcknowledged?.(publisher)
    },
    onFail: broken.reject,
  })

  async function until(isSo: () => boolean, what: string): Promise<void> {
    const latest = performance.now() + PATIENCE
    while (!isSo()) {
      if (performance.now() > latest) throw new Error(`After ${PATIENCE / 1_000} s: ${what}.`)
      await Promise.race([broken.promise, setTimeout(1)])
    }
  }

  if (isRehearsing) await Promise.race([broken.promise, rehearsal.hold(clients.publishers)])
  isRehearsing = false
  if (behind !== undefined) {
    const isBehind = () => subscribers.some(({ received }) => received < behind) || caughtUp.size < subscribers.length
    await until(() => !isBehind(), 'not every subscriber has caught up')
    if (subscribers.some(({ received }) => received > behind)) throw new Error('A subscriber got a message twice.')
  }

  const publisherOf = (index: number) => {
    const publisher = clients.publishers[index]
    const room = rooms[publisher?.room ?? -1]
    if (publisher === undefined || room === undefined) throw new RangeError('No such publisher.')
    return { publisher, room }
  }

  return {
    publishers: clients.publishers.length,
    publish(index, since) {
      const { publisher, room } = publisherOf(index)
      publisher.publish(room.next(since))
    },
    say(index) {
      unacknowledged++
      publisherOf(index).publisher.publish(contentOf(0))
    },
    watch(watcher) {
      watch = watcher
    },
    broken: broken.promise,
    drained: () =>
      until(() => rooms.every(({ inFlight }) => inFlight === 0) && unacknowledged <= 0, 'not every message has come'),
    close: clients.close,
  }
}
