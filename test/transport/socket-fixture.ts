import { once } from 'node:events'
import { onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { AUTHORIZATION } from './transport-fixture.ts'

export interface Frame {
  readonly id?: string
  readonly type: string
  readonly payload?: unknown
}

/** A bare WebSocket client that keeps all it hears. */
export interface SocketFixture {
  readonly socket: WebSocket
  readonly frames: Frame[]
  /** Resolves to the close code. */
  readonly closed: Promise<number>
  say(...frames: readonly object[]): void
  /** The first frame that fits, waiting for it if need be. */
  heard(type: string, id?: string): Promise<Frame>
}

export async function openSocket(wsUrl: string, options: WebSocket.ClientOptions = {}): Promise<SocketFixture> {
  const socket = new WebSocket(wsUrl, 'graphql-transport-ws', options)
  const frames: Frame[] = []
  const closed = new Promise<number>(resolve => socket.once('close', code => resolve(code)))
  socket.on('message', data => frames.push(JSON.parse(data.toString())))
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return {
    socket,
    frames,
    closed,
    say(...said) {
      for (const frame of said) socket.send(JSON.stringify(frame))
    },
    heard: (type, id) =>
      vi.waitFor(
        () => {
          const frame = frames.find(candidate => candidate.type === type && (id === undefined || candidate.id === id))
          if (frame === undefined)
            throw new Error(`no ${type} of ${id ?? 'any'} in ${JSON.stringify(frames).slice(0, 2_000)}`)
          return frame
        },
        { interval: 5, timeout: 3_000 },
      ),
  }
}

/** A socket past its handshake. */
export async function openKnownSocket(
  wsUrl: string,
  authorization = AUTHORIZATION.authorization,
  options: WebSocket.ClientOptions = {},
): Promise<SocketFixture> {
  const fixture = await openSocket(wsUrl, options)
  fixture.say({ type: 'connection_init', payload: { authorization } })
  await fixture.heard('connection_ack')
  return fixture
}

export function subscribeFrame(id: string, query: string, rest: object = {}): object {
  return { id, type: 'subscribe', payload: { query, ...rest } }
}
