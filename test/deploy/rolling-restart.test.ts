import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Ending, type Follower, follow, overEvents, overSocket } from './followers.ts'
import { type NodeName, type Nodes, post, startNodes } from './nodes.ts'

const ROOMS = 4
const PEOPLE = 5
const DRAIN_MS = 2_000
/** For how long a client tries one send. */
const PATIENCE_MS = 20_000

const MEMBERS = Array.from({ length: ROOMS }, (_, room) =>
  Array.from({ length: PEOPLE }, (_, person) => `user-${room}-${person}`),
)

const CREATE = /* GraphQL */ `
  mutation Create($memberIds: [ID!]) {
    createConversation(input: { kind: GROUP, memberIds: $memberIds }) { conversation { id } }
  }
`
const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id seq } userErrors { code } } }
`

interface Sent {
  readonly id: string
  readonly seq: number
}

interface Room {
  readonly id: string
  readonly acknowledged: Sent[]
}

const figures = { sends: 0, attempts: 0, failed: 0 }

async function createRoom(url: URL, members: readonly string[]): Promise<Room> {
  for (const userId of members) await (await post(url, userId, '{ viewer { tenantId } }')).json()
  const [first = '', ...memberIds] = members
  const { data } = await (await post(url, first, CREATE, { memberIds })).json()
  return { id: data.createConversation.conversation.id, acknowledged: [] }
}

/** Sends one message as a client does that tries again, with the same key, whatever went wrong. */
async function send(url: URL, userId: string, room: Room): Promise<void> {
  const input = { conversationId: room.id, content: 'hello', clientMessageId: randomUUID() }
  figures.sends += 1
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; await setTimeout(50)) {
    figures.attempts += 1
    const answer = await post(url, userId, SEND, { input })
      .then(response => response.json())
      .catch(() => undefined)
    const message: Sent | undefined = answer?.data?.sendMessage?.message ?? undefined
    if (message !== undefined) return void room.acknowledged.push(message)
  }
  figures.failed += 1
}

/** In every room one sends after the other, until told to stop. */
function startSending(url: URL, rooms: readonly Room[]): () => Promise<void> {
  let stopped = false
  const senders = rooms.map(async (room, index) => {
    for (let turn = 0; !stopped; turn++) {
      await send(url, MEMBERS[index]?.[turn % PEOPLE] ?? '', room)
      await setTimeout(10)
    }
  })
  return async () => {
    stopped = true
    await Promise.all(senders)
  }
}

async function startFollowing(url: URL): Promise<readonly (readonly Follower[])[]> {
  const followers = await Promise.all(
    MEMBERS.map(members =>
      Promise.all(
        members.flatMap(userId => [
          ...[1, 2].map(async () => follow(await overSocket(url, userId))),
          overEvents(url, userId).then(follow),
        ]),
      ),
    ),
  )
  onTestFinished(() => {
    for (const each of followers.flat()) each.stop()
  })
  await Promise.all(followers.flat().map(({ live }) => live))
  return followers
}

async function restart(nodes: Nodes, name: NodeName): Promise<void> {
  nodes.node(name).signal('SIGTERM')
  expect(await nodes.node(name).ended).toBe(0)
  await nodes.restart(name)
}

/** How many connections ended in each 250 ms from the first end on. */
function paceOf(endings: readonly Ending[]): string {
  const times = endings.map(({ atMs }) => atMs)
  const first = Math.min(...times)
  const counts: number[] = []
  for (const time of times) {
    const slot = Math.floor((time - first) / 250)
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  return Array.from(counts, count => count ?? 0).join(' ')
}

const NAMES = ['node1', 'node2', 'node3'] as const

test('three nodes restarted in turn: no send fails, nothing is lost, doubled or out of order, and all come back', async () => {
  const nodes = await startNodes(NAMES, { DRAIN_MS: String(DRAIN_MS), DRAIN_NOTICE_MS: '3000' })
  const rooms = await Promise.all(MEMBERS.map(members => createRoom(nodes.url, members)))
  const followers = await startFollowing(nodes.url)
  const stopSending = startSending(nodes.url, rooms)
  for (const name of NAMES) await restart(nodes, name)
  await stopSending()

  const found = { lost: 0, doubled: 0, outOfOrder: 0 }
  for (const [index, { acknowledged }] of rooms.entries()) {
    const ids = acknowledged.toSorted((a, b) => a.seq - b.seq).map(({ id }) => id)
    for (const { messages } of followers[index] ?? []) {
      await expect.poll(() => messages.at(-1), { timeout: 20_000 }).toBe(ids.at(-1))
      found.lost += ids.filter(id => !messages.includes(id)).length
      found.doubled += messages.length - new Set(messages).size
      found.outOfOrder += [...new Set(messages)].filter((id, place) => ids[place] !== id).length
    }
  }
  const endings = followers.flat().flatMap(each => each.endings)
  const ways = [...new Set(endings.map(({ how }) => how))]
  const { sends, attempts, failed } = figures
  process.stdout.write(
    `F3 rolling restart of ${NAMES.length} nodes: ${sends} sends in ${attempts} attempts, ${failed} failed; lost/doubled/out of order ` +
      `${found.lost}/${found.doubled}/${found.outOfOrder} at ${followers.flat().length} clients; ` +
      `${endings.length} connections ended (${ways.join(', ')}), per 250 ms: ${paceOf(endings)}\n`,
  )
  expect(found).toEqual({ lost: 0, doubled: 0, outOfOrder: 0 })
  expect(failed).toBe(0)
  expect(sends).toBeGreaterThan(100)
  expect(ways.filter(how => how !== 'refused').toSorted()).toEqual([1012, 'stream ended'])
  // Each was with one of them when it went.
  expect(followers.flat().filter(each => each.endings.length === 0)).toEqual([])
}, 90_000)
