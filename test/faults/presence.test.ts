import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askOverHttp } from './support/asking.ts'
import { startFrontedPair } from './support/fronted-pair.ts'
import { lookOn, type Onlooker } from './support/onlooker.ts'
import { bePresent } from './support/presence.ts'
import { isFull, report, sized } from './support/size.ts'

const SIZE = sized({
  usual: { users: 50, elsewhere: 10, ghostMs: 3_000, graceMs: 3_000, drops: 4, awayMs: 1_000, hereMs: 700 },
  full: { users: 500, elsewhere: 50, ghostMs: 60_000, graceMs: 15_000, drops: 12, awayMs: 3_000, hereMs: 7_000 },
})
const OFFLINE_WITHIN = 30_000
const WATCHER = 'watcher'

interface Seen {
  readonly user: { readonly id: string }
  readonly status: string
}

/** What everybody of the tenant is seen as. */
const PRESENCE = 'subscription { hint: presence { user { id } status } }'

const lastOf = ({ seen }: Onlooker<Seen>, userId: string) => seen.findLast(({ hint }) => hint.user.id === userId)

/** The tenant's users are known, and then watched at that node. */
async function watch(url: URL, userIds: readonly string[]): Promise<Onlooker<Seen>> {
  for (const userId of [WATCHER, ...userIds]) await (await askOverHttp(url, userId))('{ viewer { tenantId } }')
  const onlooker = await lookOn<Seen>({ url, userId: WATCHER, query: PRESENCE })
  await expect.poll(() => userIds.filter(id => lastOf(onlooker, id) === undefined)).toEqual([])
  return onlooker
}

function show(onlooker: Onlooker<Seen>, userIds: readonly string[], status: string): Promise<void> {
  const others = () => userIds.filter(id => lastOf(onlooker, id)?.hint.status !== status)
  return expect.poll(others, { timeout: 60_000, interval: 20 }).toEqual([])
}

const among = (userIds: readonly string[]) => {
  const ids = new Set(userIds)
  return ({ hint }: { readonly hint: Seen }) => ids.has(hint.user.id)
}

test('the users of a killed node go offline, once, but for those with a device elsewhere', {
  timeout: 240_000,
}, async () => {
  const { nodes } = await startFrontedPair({ PRESENCE_GRACE_MS: String(SIZE.graceMs) })
  const [killed, stays] = nodes
  const only = Array.from({ length: SIZE.users }, (_, n) => `user-${n}`)
  const both = Array.from({ length: SIZE.elsewhere }, (_, n) => `elsewhere-${n}`)
  const onlooker = await watch(stays.url, [...only, ...both])
  for (const userId of [...only, ...both]) await bePresent(killed.url, userId)
  for (const userId of both) await bePresent(stays.url, userId)
  await show(onlooker, [...only, ...both], 'ONLINE')

  const before = onlooker.seen.length
  const began = performance.now()
  await killed.kill()
  await show(onlooker, only, 'OFFLINE')
  const changes = onlooker.seen.slice(before)
  const took = Math.max(...changes.filter(among(only)).map(({ at }) => at)) - began
  await setTimeout(SIZE.ghostMs)
  const statuses = await statusesOf(stays.url, [...only, ...both])
  const ghosts = only.filter(id => statuses.get(id) !== 'OFFLINE')
  const since = onlooker.seen.slice(before)
  const again = since.filter(among(only)).length - only.length
  const flaps = since.filter(among(both)).length
  report(
    'F20',
    `${only.length} users of a killed node offline after ${(took / 1_000).toFixed(1)} s, ${ghosts.length} ghosts and ${again} changes more ` +
      `${SIZE.ghostMs / 1_000} s later; ${both.length} users with a device elsewhere: ${flaps} changes`,
  )
  if (isFull) expect(took).toBeLessThanOrEqual(OFFLINE_WITHIN)
  expect({ ghosts, again, flaps }).toEqual({ ghosts: [], again: 0, flaps: 0 })
  expect(both.filter(id => statuses.get(id) !== 'ONLINE')).toEqual([])
  expect(onlooker.ending).toBeUndefined()
  await stays.stop()
})

async function statusesOf(url: URL, userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ask = await askOverHttp(url, WATCHER)
  const statuses = new Map<string, string>()
  for (let from = 0; from < userIds.length; from += 100) {
    const query = 'query Presence($ids: [ID!]!) { presence(userIds: $ids) { user { id } status } }'
    const { presence } = await ask<{ presence: readonly Seen[] }>(query, { ids: userIds.slice(from, from + 100) })
    for (const { user, status } of presence) statuses.set(user.id, status)
  }
  return statuses
}

test('who drops and comes back within the grace, at whichever node, is online all the time', {
  timeout: 240_000,
}, async () => {
  const { nodes, url } = await startFrontedPair()
  const userId = 'flaky'
  const onlookers = await Promise.all(nodes.map(node => watch(node.url, [userId])))
  let device = await bePresent(url, userId)
  for (const onlooker of onlookers) await show(onlooker, [userId], 'ONLINE')
  const changes = () => onlookers.map(({ seen }) => seen.filter(among([userId])).length)
  const before = changes()
  for (let drop = 0; drop < SIZE.drops; drop++) {
    await setTimeout(SIZE.hereMs)
    if (drop % 2 === 0) device.drop()
    else device.terminate()
    await setTimeout(SIZE.awayMs)
    device = await bePresent(url, userId)
  }
  const after = changes()
  const published = after.map((count, node) => count - (before[node] ?? 0))
  report(
    'F21',
    `${SIZE.drops} times ${SIZE.awayMs / 1_000} s away and ${SIZE.hereMs / 1_000} s here: ${published.join(' + ')} changes seen at the two nodes`,
  )
  expect(published).toEqual([0, 0])
  // They look on still.
  const other = await bePresent(url, 'other')
  for (const onlooker of onlookers) await show(onlooker, ['other'], 'ONLINE')
  for (const present of [device, other]) present.drop()
  for (const node of nodes) await node.stop()
})
