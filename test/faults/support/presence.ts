import { createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { authorizationOf } from './people.ts'

/** A device that is there and does nothing: a socket on which nothing is asked. */
export interface Presence {
  /** The connection goes, and does not come back. */
  drop(): void
  /** As graphql-ws does with a socket that seems frozen. */
  terminate(): void
}

/** Resolves once the server has let it in. */
export async function bePresent(url: URL, userId: string): Promise<Presence> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let socket: WebSocket | undefined
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf(userId) },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: reject,
    on: {
      connected: opened => {
        if (opened instanceof WebSocket) socket = opened
        resolve()
      },
    },
  })
  const drop = () => socket?.terminate()
  onTestFinished(drop)
  await promise
  return { drop, terminate: () => client.terminate() }
}
