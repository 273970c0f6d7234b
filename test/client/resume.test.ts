import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as say from '../support/sayings.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'
import { type Heard, LISTENERS, type Listen } from './listeners.ts'
import { createScene, type Scene } from './scene.ts'

const INBOX = 'subscription Inbox { inbox { __typename position ... on MessageSent { message { content } } } }'
const MESSAGES = 60

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** What Bob hears, and a promise of the moment when he has heard something. */
function hear(scene: Scene, listen: Listen, onMessage: (count: number) => void = () => {}) {
  const events: Heard[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  const listening = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  const contents = () => events.flatMap(event => event.message?.content ?? [])
  const leave = listen(
    scene.client(),
    INBOX,
    event => {
      events.push(event)
      if (event.__typename === 'CaughtUp') listening.resolve()
      if (event.message === undefined) return
      if (event.message.content === 'the last') all.resolve()
      onMessage(contents().length)
    },
    end,
  )
  const until = async (moment: Promise<void>) => {
    const first = await Promise.race([moment.then(() => 'heard'), ended])
    if (first !== 'heard') throw new Error(`The subscription ended: ${String(first)}`)
  }
  return { events, contents, leave, isListening: () => until(listening.promise), hasAll: () => until(all.promise) }
}

async function sendAll(scene: Scene): Promise<readonly string[]> {
  const contents = [...Array.from({ length: MESSAGES }, (_, index) => `message ${index}`), 'the last']
  for (const content of contents) await say.send(scene.alice, scene.group, content)
  return contents
}

const BREAKS: readonly (readonly [string, (proxy: TcpProxy) => void])[] = [
  ['cut', proxy => proxy.cut()],
  ['reset', proxy => proxy.reset()],
  [
    'stalled, then cut with what had waited',
    proxy => {
      const [connection] = proxy.connections
      connection?.stall('down')
      setTimeout(() => connection?.cut(), 20)
    },
  ],
]

describe.each(LISTENERS)('%s, while messages are sent', (_library, listen) => {
  test.each(BREAKS)(
    'loses, doubles and reorders nothing when its connection is %s again and again',
    async (_how, breakIt) => {
      const scene = await createScene(server)
      let breaks = 0
      const heard = hear(scene, listen, count => {
        if (count % 7 !== 0 || count > MESSAGES - 7) return
        breaks += 1
        breakIt(scene.proxy)
      })
      await heard.isListening()
      const sent = await sendAll(scene)
      await heard.hasAll()
      heard.leave()
      expect(heard.contents()).toEqual(sent)
      expect(breaks).toBeGreaterThanOrEqual(5)
      const positions = heard.events.flatMap(event => (event.message ? event.position : []))
      expect(new Set(positions).size).toBe(positions.length)
    },
  )

  test('hears all that was said while there was no network', async () => {
    const scene = await createScene(server)
    const heard = hear(scene, listen)
    await heard.isListening()
    await say.send(scene.alice, scene.group, 'before')
    await expect.poll(heard.contents).toEqual(['before'])
    scene.proxy.down()
    const sent = await sendAll(scene)
    scene.proxy.up()
    await heard.hasAll()
    heard.leave()
    expect(heard.contents()).toEqual(['before', ...sent])
  })
})
