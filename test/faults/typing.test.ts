import { expect, test } from 'vitest'
import { askOverHttp, askOverSocket } from './support/asking.ts'
import { startFrontedPair } from './support/fronted-pair.ts'
import { lookOn, type Onlooker } from './support/onlooker.ts'
import { createRooms } from './support/rooms.ts'
import { isFull, report, sized } from './support/size.ts'

/** By which a timer may be late on a machine with other work. */
const LATE_MS = 300
const TTL_MS = sized({ usual: 3_000, full: 10_000 })
const TYPE = /* GraphQL */ `
  mutation Type($id: ID!) { setTyping(input: { conversationId: $id, isTyping: true }) { userErrors { code } } }
`
const TYPING = 'subscription Typing($id: ID!) { hint: typing(conversationId: $id) { user { id } isTyping } }'

interface Seen {
  readonly user: { readonly id: string }
  readonly isTyping: boolean
}

const show = ({ seen }: Onlooker<Seen>, userId: string) => seen.findLast(({ hint }) => hint.user.id === userId)

test('nobody types for ever who never takes it back, nor whose node is killed', async () => {
  const { nodes, url } = await startFrontedPair({ TYPING_TTL_MS: String(TTL_MS) })
  const [killed, stays] = nodes
  const [room = ''] = (await createRooms(url, [['onlooker', 'typer', 'late', 'witness']])).ids
  const watch = (at: URL, userId: string) => lookOn<Seen>({ url: at, userId, query: TYPING, variables: { id: room } })
  const onlooker = await watch(stays.url, 'onlooker')
  const ask = await askOverSocket(killed.url, 'typer')
  // A subscription says nothing when it begins to listen where nobody types: what somebody types until it is heard shows that it does.
  await expect
    .poll(
      async () => {
        await (await askOverHttp(killed.url, 'witness'))(TYPE, { id: room })
        return show(onlooker, 'witness')?.hint.isTyping
      },
      { interval: 100 },
    )
    .toBe(true)
  await ask(TYPE, { id: room })
  await expect.poll(() => show(onlooker, 'typer')?.hint.isTyping, { interval: 10 }).toBe(true)
  const began = performance.now()
  await killed.kill()
  // Who looks only now is told of it too, and of its end.
  const late = await watch(stays.url, 'late')
  await expect.poll(() => show(late, 'typer')?.hint.isTyping, { interval: 10 }).toBe(true)
  const gone = () => [onlooker, late].map(each => show(each, 'typer')?.hint.isTyping)
  await expect.poll(gone, { interval: 20, timeout: 20_000 }).toEqual([false, false])
  // The other one never took it back either.
  await expect.poll(() => show(onlooker, 'witness')?.hint.isTyping).toBe(false)
  const took = Math.max(...[onlooker, late].map(each => show(each, 'typer')?.at ?? Number.NaN)) - began
  report('F22', `typer's node killed, indicators stand ${TTL_MS} ms: gone after ${Math.round(took)} ms`)
  if (isFull) expect(took).toBeLessThanOrEqual(TTL_MS + LATE_MS)
  await stays.stop()
})
