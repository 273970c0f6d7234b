import { Redis } from 'ioredis'
import { expect, onTestFinished, vi } from 'vitest'
import type { RedisServer } from '../support/redis-server.ts'
import { connected, frozenNodes, isDown, isUp, type Node } from './redis-world.ts'

export const LEASE_MS = 10_000
export const BEAT_MS = 2_000

/** Two nodes on a Redis, which each of them reaches at an address of its own. They are closed when the test is over. */
export async function outageScene(
  server: RedisServer,
  [addressOfA, addressOfB]: readonly [string, string] = [server.url, server.url],
) {
  const admin = new Redis(server.url)
  admin.on('error', () => {})
  const connections = [await connected(addressOfA), await connected(addressOfB)]
  const world = await frozenNodes(connections)
  onTestFinished(async () => {
    await world.close()
    await Promise.all(connections.map(each => each.close()))
    admin.disconnect()
  })
  const [a, b] = world.nodes
  if (a === undefined || b === undefined) throw new Error('two nodes are needed')

  return {
    ...{ admin, connections, world, a, b },
    says: (node: Node, expected: readonly string[]) => vi.waitFor(() => expect(node.said).toEqual(expected), 10_000),
    allSaid: () => [...a.said, ...b.said].toSorted(),
    shows: (node: Node, userId: string, status: string) =>
      vi.waitFor(async () => expect(await node.status(userId)).toBe(status), 10_000),
    async online(node: Node, userId: string, connectionId: string) {
      node.connect(userId, connectionId)
      await node.answered()
    },
    async kill() {
      await server.kill()
      await Promise.all(connections.map(isDown))
    },
    /** A call each finds out that Redis is away. */
    async apart() {
      for (const { clock } of world.nodes) clock.advance(BEAT_MS)
      await Promise.all(world.nodes.map(node => node.answered()))
    },
    async restart() {
      await server.start()
      await Promise.all(connections.map(isUp))
      await Promise.all(world.nodes.map(node => node.answered()))
    },
  }
}
