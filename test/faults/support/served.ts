import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Served, serve, stopped } from '../../cli/command.ts'
import { pgliteDirectory, postgresDatabase } from '../../support/database.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { SECRET } from './actor.ts'

export type DatabaseKind = 'Postgres' | 'PGlite'

/** A server in a process of its own that can be killed and comes back, with a network before it that can be broken. */
export interface FragileServer {
  /** Where it is now; another after a kill. */
  url(): URL
  /** The way to it through the network; always the same. */
  readonly throughNetwork: URL
  readonly network: TcpProxy
  /** SIGKILL, and a new process on the same database. */
  kill(): Promise<void>
  /** Ends it as an operator does; it must end cleanly. */
  stop(): Promise<void>
  /** Where its data are: of an embedded database, the cluster, which must be at rest to be read. */
  readonly database: { readonly url: string } | { readonly path: string }
}

export async function serveFragile(
  kind: DatabaseKind,
  env: Readonly<Record<string, string>> = {},
): Promise<FragileServer> {
  const place = kind === 'PGlite' ? await pgliteDirectory() : await postgresDatabase()
  onTestFinished(() => place.close())
  const where = 'url' in place ? { DATABASE_URL: place.url } : { DATA_DIR: place.path }
  const start = () =>
    serve({ JWT_SECRET: SECRET, RATE_LIMITS: 'off', DRAIN_MS: '0', LOG_LEVEL: 'info', ...where, ...env })
  let now: Served = await start()
  const network = await startTcpProxy({
    host: '127.0.0.1',
    get port() {
      return Number(now.url.port)
    },
  })
  onTestFinished(() => network.close())
  return {
    url: () => now.url,
    throughNetwork: new URL(`http://127.0.0.1:${network.port}/graphql`),
    network,
    async kill() {
      now.signal('SIGKILL')
      await now.ended
      now = await start()
    },
    stop: () => stopped(now),
    database: 'url' in place ? { url: place.url } : { path: join(place.path, 'postgres') },
  }
}
