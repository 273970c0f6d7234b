import { randomBytes } from 'node:crypto'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { mintToken } from '../../src/auth/mint-token.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { type Config, readConfig } from '../../src/config.ts'
import type { Clock } from '../../src/domain/clock.ts'
import type { Logger } from '../../src/observe/logger.ts'
import { startServer } from '../../src/server.ts'
import { pgliteDirectory, postgresDatabase, silent } from './database.ts'

/** A GraphQL answer as a client sees it. */
export interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: Record<string, unknown>
  }[]
  readonly extensions?: Record<string, unknown>
}

/** One user's way in: what an application would do with its token. */
export interface Person {
  readonly id: string
  readonly token: string
  /** One POST. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>
  /** A stock graphql-ws client, closed with the server at the latest. */
  socket(): Client
}

/** What a person's token says beside who they are. */
export interface PersonOptions {
  readonly tenantId?: string
  readonly name?: string
  readonly roles?: readonly string[]
  readonly tokenId?: string
  /** When it was issued, if not now. Milliseconds since the epoch. */
  readonly issuedAt?: number
}

export interface TestServer {
  readonly url: URL
  readonly config: Config
  person(userId: string, options?: PersonOptions): Promise<Person>
  close(): Promise<void>
}

export interface TestServerOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** Default: silent. */
  readonly logger?: Logger
  /** Stands between the server and its bus. */
  readonly bus?: (bus: Bus) => Bus
  readonly database?: 'pglite' | 'postgres'
}

/** The whole server on a port and a database of its own, with rate limits off unless said. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const secret = options.env?.['JWT_SECRET'] || randomBytes(32).toString('base64url')
  const place = await placeOf(options)
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    JWT_SECRET: secret,
    RATE_LIMITS: 'off',
    DRAIN_MS: '0',
    ...place.env,
    ...options.env,
  })
  const { clock, logger = silent, bus } = options
  const server = await startServer(config, { logger, ...(clock && { clock }), ...(bus && { bus }) })
  const sockets: Client[] = []

  return {
    url: new URL('/graphql', server.url),
    config,
    async person(userId, { tenantId = 'acme', name = userId, issuedAt, ...said } = {}) {
      const { tenantClaim } = config.tokens
      const now = issuedAt ?? clock?.now() ?? Date.now()
      const token = await mintToken({ secret, tenantId, userId, name, ttlSeconds: 3600, now, tenantClaim, ...said })
      return personOf(userId, token, new URL('/graphql', server.url), sockets)
    },
    async close() {
      await Promise.all(sockets.map(socket => socket.dispose()))
      await server.close()
      await place.close()
    },
  }
}

/** A database of the server's own, unless the environment names one that it shares. */
async function placeOf({ env, database }: TestServerOptions) {
  if (env?.['DATABASE_URL'] !== undefined) return { env: {}, close: async () => {} }
  const place = database === 'postgres' ? await postgresDatabase() : await pgliteDirectory()
  return { env: 'url' in place ? { DATABASE_URL: place.url } : { DATA_DIR: place.path }, close: place.close }
}

function personOf(id: string, token: string, url: URL, sockets: Client[]): Person {
  const authorization = `Bearer ${token}`
  return {
    id,
    token,
    async ask(query, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as Answer
    },
    socket() {
      const client = createClient({
        url: url.href.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
        retryAttempts: 0,
        lazy: true,
      })
      sockets.push(client)
      return client
    },
  }
}
