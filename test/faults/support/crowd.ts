import { inTurn } from './addresses.ts'
import { askOverHttp, askOverSocket } from './asking.ts'
import { createRooms, type Rooms } from './rooms.ts'
import type { Sender } from './senders.ts'
import { type Subscriber, subscribe } from './subscriber.ts'

export interface CrowdSize {
  readonly rooms: number
  /** Over all rooms. */
  readonly subscribers: number
  readonly senders: number
}

/** Rooms with people in them, who listen and who send. */
export interface Crowd extends Rooms {
  readonly subscribers: readonly Subscriber[]
  /** Half of them over HTTP, half over sockets; each sends to each of its rooms in turn. */
  readonly senders: readonly Sender[]
}

/**
 * Lets the crowd in, at one node or dealt out to several, each client with the other nodes to turn to. Every fourth subscriber is in two rooms, and every second listens to the conversation instead of the inbox; all have caught up
 * when it resolves. The senders, who may know
 * fewer nodes (`sendTo`), share the rooms out among them, or the rooms the senders where these are more.
 */
export async function gather(
  url: URL | readonly URL[],
  size: CrowdSize,
  sendTo: readonly URL[] = [url].flat(),
): Promise<Crowd> {
  const urls = [url].flat()
  // Of those who are dealt out, every second does it in another way.
  const addressFor = (n: number) => inTurn(urls, Math.floor(n / 2))
  const sendingTo = (n: number) => inTurn(sendTo, Math.floor(n / 2))
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, n) => `${kind}-${n}`)
  const placed = (_: string, n: number) => (n % 4 === 0 ? [n, n + 1] : [n]).map(room => room % size.rooms)
  const listeners = names('subscriber', size.subscribers).map((id, n) => ({ id, rooms: placed(id, n) }))
  const writers = names('sender', size.senders).map((id, n) => ({ id, rooms: share(n, size) }))
  const members = Array.from({ length: size.rooms }, (_, room) =>
    [...listeners, ...writers].filter(({ rooms }) => rooms.includes(room)).map(({ id }) => id),
  )
  const rooms = await createRooms(inTurn(urls), members)
  const idsOf = (numbers: readonly number[]) => [...new Set(numbers)].flatMap(number => rooms.ids[number] ?? [])
  const subscribers = await Promise.all(
    listeners.map(({ id, rooms: numbers }, n) => {
      const conversations = idsOf(numbers)
      const [conversationId] = conversations
      if (n % 2 === 0 || conversationId === undefined)
        return subscribe({ url: addressFor(n), userId: id, conversations })
      return subscribe({ url: addressFor(n), userId: id, conversationId, conversations: [conversationId] })
    }),
  )
  const senders = await Promise.all(
    writers.map(async ({ id, rooms: numbers }, n) => {
      const ask = await (n % 2 === 0 ? askOverHttp : askOverSocket)(sendingTo(n), id)
      return { userId: id, ask, conversations: idsOf(numbers) }
    }),
  )
  await Promise.all(subscribers.map(each => each.first(({ type }) => type === 'CaughtUp')))
  return { ...rooms, subscribers, senders }
}

function share(nth: number, { rooms, senders }: CrowdSize): readonly number[] {
  const own = Array.from({ length: rooms }, (_, room) => room).filter(room => room % senders === nth)
  return own.length > 0 ? own : [nth % rooms]
}
