import type { OpenQuestion } from './plan.ts'

/** Messages of one room that may be under way at once: a power of two. */
const RING = 1_024
const CONTENT_BYTES = 100

/** Who hears what becomes of the messages while something is measured. Times are those of `performance.now()`. */
export interface Watch {
  /** A subscriber has got it; `since` is when it was published. */
  onDelivery(since: number): void
  /** The last subscriber of its room has got it. */
  onComplete(since: number): void
}

export interface Subscriber {
  readonly room: Room
  readonly roomIndex: number
  received: number
}

/** The messages of one room, which every subscriber must get once and in order. */
export interface Room {
  readonly subscribers: readonly Subscriber[]
  /** Counts a message that is about to be published, and returns its words. */
  next(since: number): string
  /** Counts one that a subscriber has got. Throws when it was never sent. */
  got(subscriber: Subscriber, watch: Watch): void
  readonly inFlight: number
}

export function createRooms({ rooms, subscribers }: Pick<OpenQuestion, 'rooms' | 'subscribers'>) {
  const made = rooms.map(() => createRoom())
  const seated = subscribers.map(({ room: index }): Subscriber => {
    const found = made[index]
    if (found === undefined) throw new RangeError('A seat is in no room.')
    const subscriber = { room: found.room, roomIndex: index, received: 0 }
    found.subscribers.push(subscriber)
    return subscriber
  })
  return { rooms: made.map(({ room }) => room), subscribers: seated }
}

function createRoom() {
  const subscribers: Subscriber[] = []
  /** By the message's number, modulo the ring: how many subscribers are still to get it, and when it was published. */
  const left = new Int32Array(RING)
  const since = new Float64Array(RING)
  let sent = 0
  let inFlight = 0

  const room: Room = {
    subscribers,
    next(now) {
      sent++
      inFlight++
      const slot = sent % RING
      if (left[slot] !== 0) throw new Error(`More than ${RING} messages of a room are under way.`)
      left[slot] = subscribers.length
      since[slot] = now
      return contentOf(sent)
    },
    got(subscriber, watch) {
      const slot = ++subscriber.received % RING
      if (subscriber.received > sent) throw new Error('A subscriber got more messages than were sent.')
      const published = since[slot] ?? 0
      watch.onDelivery(published)
      const still = (left[slot] ?? 0) - 1
      left[slot] = still
      if (still > 0) return
      inFlight--
      watch.onComplete(published)
    },
    get inFlight() {
      return inFlight
    },
  }
  return { room, subscribers }
}

/** Says which message of its room it is, in a hundred bytes. */
export function contentOf(number: number): string {
  return `${number} `.padEnd(CONTENT_BYTES, 'x')
}

/** Throws unless a frame carries that message. */
export function checkFrame(text: string, number: number): void {
  if (!text.includes(`"content":"${contentOf(number)}"`)) {
    throw new Error(`Message ${number} was expected, and this came: ${text}`)
  }
}
