import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { fixedPort } from './fixed-port.ts'
import { type RedisServer, type RedisServerOptions, startRedisServer } from './redis-server.ts'

/** A Redis Cluster of three masters. */
export interface RedisCluster {
  /** The addresses of all, separated by commas. */
  readonly url: string
  readonly servers: readonly RedisServer[]
  close(): Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384

interface Member {
  readonly server: RedisServer
  /** Where the members speak with each other. */
  readonly busPort: number
}

export async function startRedisCluster(options: RedisServerOptions): Promise<RedisCluster> {
  const members = await Promise.all(Array.from({ length: MASTERS }, () => startMember(options)))
  const servers = members.map(({ server }) => server)
  const close = async () => {
    await Promise.all(servers.map(server => server.close()))
  }
  try {
    await join(members)
    return { url: servers.map(({ url }) => url).join(','), servers, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startMember({ settings, ...rest }: RedisServerOptions): Promise<Member> {
  const busPort = await fixedPort()
  const cluster = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-port': String(busPort),
    'cluster-node-timeout': '5000',
  }
  return { server: await startRedisServer({ ...rest, settings: { ...cluster, ...settings } }), busPort }
}

/** Deals the slots out, introduces all to the first, and waits until everyone agrees. */
async function join(members: readonly Member[]): Promise<void> {
  const clients = members.map(({ server }) => new Redis(server.url))
  try {
    const [first] = clients
    for (const [index, client] of clients.entries()) {
      const from = Math.floor((index * SLOTS) / MASTERS)
      const to = Math.floor(((index + 1) * SLOTS) / MASTERS) - 1
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    }
    for (const { server, busPort } of members.slice(1)) {
      await first?.call('CLUSTER', 'MEET', server.host, server.port, busPort)
    }
    while (!(await Promise.all(clients.map(agrees))).every(Boolean)) await setTimeout(50)
  } finally {
    for (const client of clients) client.disconnect()
  }
}

async function agrees(client: Redis): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${MASTERS}`)
}
