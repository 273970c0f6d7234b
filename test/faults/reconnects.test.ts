import { expect, test } from 'vitest'
import { openChannel } from './support/channel.ts'
import { startFrontedPair } from './support/fronted-pair.ts'
import { readGauges } from './support/gauges.ts'
import { authorizationOf } from './support/people.ts'
import { createRooms } from './support/rooms.ts'
import { report, sized } from './support/size.ts'
import { createScales, WEIGHABLE } from './support/weighing.ts'

const SIZE = sized({ usual: { sockets: 150, rounds: 8 }, full: { sockets: 500, rounds: 40 } })
/** What the heap may have gained between the first third of the rounds and the last, in MB, however many rounds there are. */
const GROWTH_MB = 4
const SUBSCRIPTIONS = [
  'inbox { __typename position }',
  'presence(conversationId: $room) { user { id } status }',
  'typing(conversationId: $room) { isTyping }',
]

test('hundreds of sockets that come back again and again leave nothing behind', { timeout: 600_000 }, async () => {
  const { url, nodes } = await startFrontedPair({ ...WEIGHABLE, PRESENCE_GRACE_MS: '500' })
  const [node] = nodes
  const users = Array.from({ length: 50 }, (_, n) => `user-${n}`)
  const [room = ''] = (await createRooms(url, [users])).ids
  const weigh = createScales(node.command)
  const authorizations = await Promise.all(users.map(userId => authorizationOf(userId)))

  /** Each opens a socket, is told something or is let in, and goes without a goodbye. */
  async function round(): Promise<void> {
    const leaves = await Promise.all(
      Array.from({ length: SIZE.sockets }, (_, n) => {
        const [what = '', needsRoom] = [SUBSCRIPTIONS[n % 2], n % 2 === 1]
        const query = `subscription${needsRoom ? '($room: ID!)' : ''} { ${what} }`
        const { promise, resolve, reject } = Promise.withResolvers<() => void>()
        const subscribing = {
          url: node.url,
          authorization: authorizations[n % users.length] ?? '',
          query,
          ...(needsRoom && { variables: { room } }),
        }
        const leave = openChannel('WebSocket', subscribing, {
          next: () => resolve(() => leave()),
          end: how => reject(new Error(JSON.stringify(how))),
        })
        return promise
      }),
    )
    for (const leave of leaves) leave()
  }

  const alive: number[] = []
  const resident: number[] = []
  for (let nth = 0; nth < SIZE.rounds; nth++) {
    await round()
    alive.push(await weigh())
    resident.push((await readGauges(node.url)).residentMb)
  }
  const from = alive[Math.floor(SIZE.rounds / 3)] ?? Number.NaN
  report(
    'Reconnects',
    `${SIZE.sockets} sockets ${SIZE.rounds} times: heap alive MB ${alive.map(mb => mb.toFixed(1)).join(' ')}, resident MB ${resident.map(Math.round).join(' ')}`,
  )
  expect((alive.at(-1) ?? Number.NaN) - from).toBeLessThanOrEqual(GROWTH_MB)
  for (const each of nodes) await each.stop()
})
