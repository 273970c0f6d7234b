import { describe, expect, test } from 'vitest'
import { type Ask, askOverHttp } from './support/asking.ts'
import { gather } from './support/crowd.ts'
import { type Heard, type HeardStream, judge, type Log } from './support/delivery.ts'
import { startNode } from './support/node.ts'
import { DATABASES, placeFor } from './support/places.ts'
import { startLoad } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { report, sized } from './support/size.ts'
import { type Subscriber, subscribe } from './support/subscriber.ts'

const SIZE = sized({
  usual: { rooms: 5, subscribers: 20, clients: 100, senders: 10, perSecond: 200, between: 4 },
  full: { rooms: 50, subscribers: 100, clients: 1_000, senders: 50, perSecond: 500, between: 10 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })

const HISTORY = /* GraphQL */ `
  query History($room: ID!) {
    conversation(id: $room) { messages(last: 100) { nodes { id seq } } position }
  }
`

interface History {
  readonly position: string
  readonly messages: { readonly nodes: readonly { readonly id: string; readonly seq: number }[] }
}

/** One who comes: what the history said, and what the stream said from there. */
interface Client {
  readonly room: string
  readonly history: History
  readonly subscriber: Subscriber
}

async function come(url: URL, userId: string, room: string, ask: Ask): Promise<Client> {
  const { conversation } = await ask<{ readonly conversation: History }>(HISTORY, { room })
  const { position: after } = conversation
  const subscriber = await subscribe({ url, userId, conversations: [room], conversationId: room, after })
  return { room, history: conversation, subscriber }
}

/** All that the client knows as if one stream had told it, from just before the oldest message of its history. */
function asStream({ room, history, subscriber }: Client, { entries }: Log): HeardStream {
  const ofRoom = entries.filter(({ conversationId }) => conversationId === room)
  const positions = new Map(ofRoom.flatMap(({ message, position }) => (message ? [[message.id, position]] : [])))
  const oldest = ofRoom.findIndex(({ message }) => message?.id === history.messages.nodes[0]?.id)
  const read = history.messages.nodes.map(
    ({ id, seq }): Heard => ({
      type: 'MessageSent',
      position: positions.get(id) ?? `that of ${id}`,
      conversationId: room,
      seq,
      messageId: id,
    }),
  )
  const start = ofRoom[oldest - 1]?.position ?? history.position
  return { ...subscriber, start, heard: [...read, ...subscriber.heard] }
}

describe.each(DATABASES)('history, then the stream from its position, while others write, on %s', kind => {
  test('are all messages: no gap, no double, in order', { timeout: TIMEOUT }, async () => {
    const { env } = await placeFor(kind)
    const node = await startNode({ ...env, MAX_SOCKETS_PER_USER: '100' })
    const crowd = await gather(node.url, SIZE)
    const asks = await Promise.all(crowd.subscribers.map(({ name }) => askOverHttp(node.url, name)))
    const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
    const coming: Promise<Client>[] = []
    for (let n = 0; n < SIZE.clients; n++) {
      await load.more(SIZE.between)
      const { name = '', conversations = [] } = crowd.subscribers[n % SIZE.subscribers] ?? {}
      const [room = ''] = conversations
      coming.push(come(node.url, name, room, asks[n % SIZE.subscribers] ?? fail()))
    }
    const clients = await Promise.all(coming)
    await load.more(SIZE.between)
    await load.stop()

    const { log } = await settle(
      crowd,
      clients.map(({ subscriber }) => subscriber),
      load.acknowledged,
    )
    const verdict = judge(log, {
      streams: clients.map(client => asStream(client, log)),
      acknowledged: load.acknowledged,
    })
    const raced = clients.filter(
      ({ history, subscriber }) => history.messages.nodes.length > 0 && subscriber.heard.some(isMessage),
    )
    report(
      `F14 on ${kind}`,
      `${SIZE.clients} clients came to ${SIZE.rooms} rooms at ${SIZE.perSecond} sends/s, ${raced.length} in the middle: ${inWords(verdict)}`,
    )
    expect(verdict).toMatchObject(CLEAN)
    // Else nothing was raced.
    expect(raced.length).toBeGreaterThan(SIZE.clients / 2)
    await node.stop()
  })
})

function isMessage({ type }: Heard): boolean {
  return type === 'MessageSent'
}

function fail(): never {
  throw new Error('There are as many as subscribers.')
}
