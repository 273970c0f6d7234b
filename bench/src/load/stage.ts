import { setTimeout } from 'node:timers/promises'
import { openClients } from './clients.ts'
import type { OpenQuestion } from './plan.ts'
import { checkFrame, contentOf, createRooms, type Watch } from './rooms.ts'

/** One message in so many is read and checked. A prime: no pattern of the rooms goes with it. */
const SAMPLE = 499
/** Milliseconds without a message after which none is under way any more. */
const SILENCE = 300
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
  let isRehearsal = true
  let lastMessage = performance.now()
  let count = 0
  let unacknowledged = 0

  const clients = await openClients(plan, {
    onMessage(index, text) {
      const subscriber = subscribers[index]
      if (subscriber === undefined) return
      if (isRehearsal) {
        lastMessage = performance.now()
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

  /** Not every server says when a subscription stands: so messages are published until everyone gets them, and forgotten once all have come. */
  async function rehearse(): Promise<void> {
    const spoken = new Set(clients.publishers.map(({ room }) => rooms[room]))
    const deaf = () => subscribers.some(({ received, room }) => received === 0 && spoken.has(room))
    const latest = performance.now() + PATIENCE
    do {
      if (performance.now() > latest) throw new Error('Not every subscriber gets what is published.')
      const rehearsed = new Set<number>()
      for (const publisher of clients.publishers) {
        if (!rehearsed.has(publisher.room)) publisher.publish('rehearsal '.padEnd(100, 'x'))
        rehearsed.add(publisher.room)
      }
      lastMessage = performance.now()
      await until(() => performance.now() - lastMessage > SILENCE, 'messages still come')
    } while (deaf())
    for (const room of rooms) room.reset()
  }

  const { behind } = plan
  if (behind === undefined && subscribers.length > 0) await rehearse()
  if (behind !== undefined) {
    const isBehind = () => subscribers.some(({ received }) => received < behind) || caughtUp.size < subscribers.length
    await until(() => !isBehind(), 'not every subscriber has caught up')
  }
  isRehearsal = false

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
