import { onTestFinished } from 'vitest'
import { mintToken } from '../../src/auth/mint-token.ts'
import { type Served, serve } from '../cli/command.ts'
import { postgresDatabase } from '../support/database.ts'
import { ownRedis } from '../support/redis.ts'
import { startBalancer } from './balancer.ts'

const SECRET = 'a secret of more than thirty-two bytes'

/** The two of compose.yaml, and one more where a test wants it. */
export type NodeName = 'node1' | 'node2' | 'node3'

/** Processes of the server over one Postgres and one Redis, behind the load balancer. All of them go with the test. */
export interface Nodes {
  /** The load balancer's. */
  readonly url: URL
  /** As it runs now. */
  node(name: NodeName): Served
  /** Runs a node that has ended again, at its old address, and waits until the load balancer has found it. */
  restart(name: NodeName): Promise<void>
}

export async function startNodes(
  names: readonly NodeName[],
  env: Readonly<Record<string, string>> = {},
): Promise<Nodes> {
  const { url: DATABASE_URL, close } = await postgresDatabase()
  onTestFinished(close)
  const redis = await ownRedis()
  onTestFinished(redis.close)
  const urls = { DATABASE_URL, REDIS_URL: redis.url }
  const all = { NODE_ENV: 'production', JWT_SECRET: SECRET, RATE_LIMITS: 'off', ...urls, ...env }
  const running = new Map<NodeName, Served>()
  for (const name of names) running.set(name, await serve(all))
  const balancer = await startBalancer(
    Object.fromEntries([...running].map(([name, served]) => [name, loopback(served)])),
  )
  onTestFinished(balancer.close)

  function node(name: NodeName): Served {
    const served = running.get(name)
    if (served === undefined) throw new Error(`${name} was never started`)
    return served
  }

  return {
    url: balancer.url,
    node,
    async restart(name) {
      running.set(name, await serve({ ...all, PORT: node(name).url.port }))
      await balancer.returned(name)
    },
  }
}

function loopback({ url }: Served): URL {
  return new URL(`http://127.0.0.1:${url.port}`)
}

export async function authorizationOf(userId: string): Promise<string> {
  const rest = { tenantId: 'acme', tenantClaim: 'org_id', ttlSeconds: 3600, now: Date.now() }
  return `Bearer ${await mintToken({ secret: SECRET, userId, ...rest })}`
}

/** One POST, as `userId`. */
export async function post(url: URL, userId: string, query: string, variables: object = {}): Promise<Response> {
  const authorization = await authorizationOf(userId)
  return fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
}
