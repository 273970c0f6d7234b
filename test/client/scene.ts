import type { Client } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type ColloquyClientOptions, createColloquyClient } from '../../client/src/index.ts'
import * as say from '../support/sayings.ts'
import type { Person, TestServer } from '../support/server.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

/** Alice writes to a group with Bob in it, whose network breaks. */
export interface Scene {
  readonly tenantId: string
  readonly alice: Person
  readonly bob: Person
  readonly group: string
  /** Between Bob and the server. */
  readonly proxy: TcpProxy
  /** The server as seen through the proxy. */
  readonly url: URL
  /** Bob's client: quick to come back, and gone with the test. */
  client(options?: Partial<ColloquyClientOptions>): Client
}

let tenants = 0

export async function createScene(server: TestServer): Promise<Scene> {
  const tenantId = `scene-${++tenants}`
  const alice = await server.person('alice', { tenantId, name: 'Alice' })
  const bob = await server.person('bob', { tenantId, name: 'Bob' })
  await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
  const group = await say.createGroup(alice, ['bob'])
  const proxy = await startTcpProxy({ host: server.url.hostname, port: Number(server.url.port) })
  onTestFinished(() => proxy.close())
  const url = new URL(server.url)
  url.port = String(proxy.port)
  return {
    tenantId,
    alice,
    bob,
    group,
    proxy,
    url,
    client(options) {
      const client = createColloquyClient({
        url: url.href.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        token: () => bob.token,
        firstPauseMs: 10,
        ...options,
      })
      onTestFinished(async () => client.dispose())
      return client
    },
  }
}
