import { onTestFinished } from 'vitest'
import { TokenError } from '../../src/auth/token-error.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import type { TransportOptions } from '../../src/transport/options.ts'
import { createTransport, type Transport, type TransportRequest } from '../../src/transport/transport.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { createEngineFixture, type EngineFixture } from './engine-fixture.ts'

export interface PresenceCall {
  readonly what: 'connect' | 'activity' | 'disconnect'
  readonly userId: string
  readonly clean?: boolean
}

export interface TransportFixture {
  readonly transport: Transport
  readonly engine: EngineFixture
  readonly clock: ManualClock
  readonly presence: PresenceCall[]
  /** `http://127.0.0.1:…/graphql` */
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  /** What the logger was told above debug. */
  readonly logged: string[]
  /** Whose tokens are watched, one for each open session. */
  watched(): readonly string[]
  /** Takes the user's tokens back, as far as they are watched. */
  revoke(userId: string): void
}

/** A server on a port of its own, with a clock that stands still; closed when the test is over. */
export async function startTransport(
  options: Partial<TransportOptions> = {},
  rest: Partial<Pick<TransportRequest, 'ready' | 'pages' | 'authenticate'>> = {},
): Promise<TransportFixture> {
  const engine = createEngineFixture()
  const clock = createManualClock()
  const presence: PresenceCall[] = []
  const logged: string[] = []
  const watches = new Set<{ readonly userId: string; readonly onRevoked: () => void }>()
  const log = (_fields: object, message: string) => void logged.push(message)
  const transport = createTransport({
    engine,
    authenticate: token => authenticate(token, clock),
    watchToken: ({ userId }, onRevoked) => {
      const watch = { userId, onRevoked }
      watches.add(watch)
      return () => void watches.delete(watch)
    },
    presence: {
      onConnect: ({ userId }) => void presence.push({ what: 'connect', userId }),
      onActivity: ({ userId }) => void presence.push({ what: 'activity', userId }),
      onDisconnect: ({ userId }, _id, clean) => void presence.push({ what: 'disconnect', userId, clean }),
    },
    clock,
    newId,
    logger: { debug: () => {}, info: log, warn: log, error: log },
    ready: () => true,
    options: { drainMs: 0, ...options },
    ...rest,
  })
  const address = await transport.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    engine.release()
    let closed = false
    const closing = transport.close().finally(() => {
      closed = true
    })
    // A client that lingers is cut off when the grace time is over.
    while (!closed) {
      clock.advance(1_000)
      await new Promise(resolve => setImmediate(resolve))
    }
    await closing
  })
  const url = `${address.origin}/graphql`
  return {
    transport,
    engine,
    clock,
    presence,
    url,
    wsUrl: url.replace('http', 'ws'),
    port: Number(address.port),
    logged,
    watched: () => Array.from(watches, ({ userId }) => userId),
    revoke(userId) {
      for (const watch of watches) if (watch.userId === userId) watch.onRevoked()
    },
  }
}

/** Reads `user/tenant`, good for an hour, or `user/tenant~milliseconds`; every other text is a bad token. */
async function authenticate(token: string, clock: Clock): Promise<Viewer> {
  if (token === 'unavailable') throw new TokenError('unavailable')
  const match = /^(\w+)\/(\w+)(?:~(-?\d+))?$/.exec(token)
  if (match === null) throw new TokenError('invalid')
  const [, userId = '', tenantId = '', lifetime = '3600000'] = match
  const expiresAt = clock.now() + Number(lifetime)
  if (expiresAt <= clock.now()) throw new TokenError('expired')
  return { tenantId, userId, name: null, avatarUrl: null, roles: [], expiresAt, issuedAt: null, tokenId: null }
}

export const TOKEN = 'alice/acme'
export const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` }
