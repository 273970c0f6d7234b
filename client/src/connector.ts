import { type Backoff, type Pause, pauseMs, startPause } from './backoff.ts'
import { type Ending, isNormalClosure, wantsToken } from './endings.ts'
import type { GetToken } from './token.ts'

/** Decides when a connection may be tried, and with which token. */
export interface Connector {
  /**
   * Resolves once operations may be handed to graphql-ws: at once while there is a socket, else when a pause after failures is over and the application has
   * given a token. An application that cannot give one is asked again, as a server that is away is.
   */
  ready(): Promise<void>
  /** What the next connection says who it is with. */
  token: string
  /** A connection is being tried. */
  connecting(): void
  /** It stands. */
  connected(): void
  /** Something came of an operation: the server serves, and a failure from now on is the first. */
  served(): void
  /** It does not stand any more. */
  lost(ending: Ending): void
  /** The server has refused a token: the next connection needs another. */
  refuse(): void
  /** Whether the connection that is being tried, or stands, follows one that failed. */
  readonly isRetry: boolean
  /** Ends the pause that is under way. */
  skipPause(): void
}

export interface ConnectorRequest {
  readonly backoff: Backoff
  readonly getToken: GetToken
  /** Whether any operation still waits. */
  isWanted(): boolean
}

/** A connection over which nothing came, as over one that waits for events, has proved itself after this time. Milliseconds. */
const PROVEN_MS = 5_000

export function createConnector({ backoff, getToken, isWanted }: ConnectorRequest): Connector {
  let token = ''
  let hasSocket = false
  /** In a row, since a connection last proved itself. */
  let failures = 0
  let connectedAt: number | undefined
  let isRetry = false
  let refused = false
  let pause: Pause | undefined
  let preparing: Promise<boolean> | undefined

  /** Whether it has a token now; without one nobody waits any more. */
  async function prepare(): Promise<boolean> {
    while (isWanted()) {
      if (failures > 0) {
        pause = startPause(backoff.clock, pauseMs(failures, backoff))
        await pause.over
        pause = undefined
      }
      if (!isWanted()) return false
      try {
        token = await getToken(refused ? 'refused' : 'connect')
        refused = false
        return true
      } catch {
        failures += 1
      }
    }
    return false
  }

  return {
    async ready() {
      while (!hasSocket && isWanted()) {
        preparing ??= prepare().finally(() => {
          preparing = undefined
        })
        if (await preparing) return
      }
    },
    get token() {
      return token
    },
    set token(next) {
      token = next
    },
    connecting() {
      hasSocket = true
      isRetry = failures > 0
      connectedAt = undefined
    },
    connected() {
      connectedAt = backoff.clock.now()
    },
    served() {
      failures = 0
    },
    lost(ending) {
      // A network error is told before the close that it leads to: that is one failure.
      if (!hasSocket) return
      hasSocket = false
      if (wantsToken(ending)) refused = true
      // Without operations it was this client that closed.
      const failed = isWanted() || !isNormalClosure(ending)
      // A server that acknowledges and then closes at once fails as one that does not acknowledge.
      const stoodMs = connectedAt === undefined ? 0 : backoff.clock.now() - connectedAt
      if (stoodMs >= PROVEN_MS || (connectedAt !== undefined && !failed)) failures = 0
      if (failed) failures += 1
    },
    refuse() {
      refused = true
    },
    get isRetry() {
      return isRetry
    },
    skipPause() {
      pause?.skip()
    },
  }
}
