import { readFileSync } from 'node:fs'
import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import * as apollo from '../../client/recipes/apollo.ts'
import { start } from '../../client/recipes/start.ts'
import * as urql from '../../client/recipes/urql.ts'
import type { Sender } from '../../client/src/index.ts'
import { encodeCursor } from '../../src/domain/position.ts'
import * as say from '../support/sayings.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { createScene, type Scene } from './scene.ts'

interface Shown {
  readonly conversation: {
    readonly messages: { readonly nodes: readonly { readonly content: string | null }[] }
  } | null
}

/** An application made of a recipe. */
interface Application {
  /** Opens the screen of a conversation; returns what is on it. */
  show(conversationId: string): () => readonly (string | null)[] | 'nothing'
  follow(follower: apollo.Follower, after?: string): Promise<() => void>
  readonly sender: Sender<unknown>
  readonly socket: Client
  stop(): void
}

const contentsOf = (data: Shown | undefined) =>
  data?.conversation?.messages.nodes.map(({ content }) => content) ?? ('nothing' as const)

type Create = (host: string, token: () => string) => Application

const RECIPES: readonly (readonly [string, Create])[] = [
  [
    'apollo',
    (host, token) => {
      const { client, socket, sender } = apollo.createChat(host, token)
      return {
        show(id) {
          let shown: Shown | undefined
          const query = client.watchQuery<Shown>({ query: apollo.CONVERSATION, variables: { id } })
          query.subscribe(({ data, dataState }) => {
            shown = dataState === 'complete' ? data : undefined
          })
          return () => contentsOf(shown)
        },
        follow: (follower, after) => apollo.follow(client, follower, after),
        sender,
        socket,
        stop: () => client.stop(),
      }
    },
  ],
  [
    'urql',
    (host, token) => {
      const { client, socket, sender } = urql.createChat(host, token)
      return {
        show(id) {
          let shown: Shown | undefined
          const { unsubscribe } = client.query<Shown>(urql.CONVERSATION, { id }).subscribe(({ data }) => {
            shown = data
          })
          onTestFinished(unsubscribe)
          return () => contentsOf(shown)
        },
        follow: (follower, after) => urql.follow(client, follower, after),
        sender,
        socket,
        stop: () => {},
      }
    },
  ],
]

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let scene: Scene
beforeEach(async () => {
  scene = await createScene(server)
})

describe.each(RECIPES)('the recipe for %s', (name, create) => {
  const begin = () => {
    const application = create(scene.url.host, () => scene.bob.token)
    onTestFinished(async () => {
      application.stop()
      await application.socket.dispose()
    })
    return application
  }

  /** Follows from now on, or from `after`. */
  const following = async (application: Application, after?: string) => {
    const caughtUp = Promise.withResolvers<void>()
    await application.follow({ onCaughtUp: caughtUp.resolve, onError: caughtUp.reject }, after)
    await caughtUp.promise
  }

  test('is in the README word for word', () => {
    const recipe = readFileSync(`client/recipes/${name}.ts`, 'utf8')
    expect(readFileSync('client/README.md', 'utf8')).toContain(`\`\`\`ts\n${recipe}\`\`\``)
  })

  test('shows what is sent, edited and deleted, also over a network that breaks', async () => {
    const first = await say.send(scene.alice, scene.group, 'one')
    const application = begin()
    await following(application)
    const shown = application.show(scene.group)
    await expect.poll(shown).toEqual(['one'])
    const second = await say.send(scene.alice, scene.group, 'two')
    await expect.poll(shown).toEqual(['one', 'two'])
    await say.edit(scene.alice, first, 'one, in other words')
    await expect.poll(shown).toEqual(['one, in other words', 'two'])
    scene.proxy.down()
    await say.send(scene.alice, scene.group, 'three')
    await say.remove(scene.alice, second)
    scene.proxy.up()
    await expect.poll(shown).toEqual(['one, in other words', null, 'three'])
  })

  test('shows what Bob sends, once', async () => {
    const application = begin()
    await following(application)
    const shown = application.show(scene.group)
    await expect.poll(shown).toEqual([])
    await application.sender.send({ conversationId: scene.group, content: 'from Bob' })
    await say.send(scene.alice, scene.group, 'from Alice')
    await expect.poll(shown).toEqual(['from Bob', 'from Alice'])
  })

  test('misses nothing that is said while a page is on its way', async () => {
    const answered = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const { fetch } = globalThis
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request)
      if (!String(request[1]?.body).includes('query Conversation')) return response
      answered.resolve()
      await release.promise
      return response
    })
    onTestFinished(() => void vi.unstubAllGlobals())
    const application = begin()
    await following(application)
    const shown = application.show(scene.group)
    await answered.promise
    const heard = new Promise<void>(resolve => {
      application.socket.on('message', message => {
        if (JSON.stringify(message).includes('meanwhile')) resolve()
      })
    })
    await say.send(scene.alice, scene.group, 'meanwhile')
    await heard
    release.resolve()
    await expect.poll(shown).toEqual(['meanwhile'])
    await say.send(scene.alice, scene.group, 'afterwards')
    await expect.poll(shown).toEqual(['meanwhile', 'afterwards'])
  })

  test('forgets a conversation that Bob is no member of any more', async () => {
    await say.send(scene.alice, scene.group, 'one')
    const application = begin()
    await following(application)
    const shown = application.show(scene.group)
    await expect.poll(shown).toEqual(['one'])
    await say.removeMember(scene.alice, scene.group, 'bob')
    await expect.poll(shown).toEqual('nothing')
  })

  test('fetches anew what it shows when its place in the log is lost', async () => {
    await say.send(scene.alice, scene.group, 'one')
    const application = begin()
    const shown = application.show(scene.group)
    await expect.poll(shown).toEqual(['one'])
    await say.send(scene.alice, scene.group, 'two')
    const nowhere = encodeCursor({ position: 1_000_000, mark: 1n })
    await following(application, nowhere)
    await expect.poll(shown).toEqual(['one', 'two'])
    await say.send(scene.alice, scene.group, 'three')
    await expect.poll(shown).toEqual(['one', 'two', 'three'])
  })
})

test('the start is in the README word for word, and shows what is said', async () => {
  const recipe = readFileSync('client/recipes/start.ts', 'utf8')
  expect(readFileSync('client/README.md', 'utf8')).toContain(`\`\`\`ts\n${recipe}\`\`\``)
  const shown: string[] = []
  const application = start(
    scene.url.href.replace('http', 'ws'),
    () => scene.bob.token,
    content => shown.push(content),
  )
  onTestFinished(() => application.stop())
  const { message } = await application.say('alice', 'hello, Alice')
  expect(message).not.toBeNull()
  await application.say('alice', 'and again')
  await expect.poll(() => shown).toContain('and again')
})
