import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { emptyDirectory } from '../cli/command.ts'
import * as say from '../support/sayings.ts'
import { startTestServer } from '../support/server.ts'
import { createScene } from './scene.ts'

const MESSAGES = 40
const GRAPHQL_WS = 'node_modules/graphql-ws/dist'

/** What the package exports, as a page imports it from here. */
function importMap(): string {
  const { name, exports } = JSON.parse(readFileSync('client/package.json', 'utf8'))
  const entries = Object.entries<{ readonly default: string }>(exports)
  const imports = entries.map(([entry, { default: file }]) => [join(name, entry), join('/client', file)])
  return JSON.stringify({ imports: { ...Object.fromEntries(imports), 'graphql-ws/client': '/graphql-ws/client.js' } })
}

const page = () => `<!doctype html><title>A client</title><link rel="icon" href="data:,">
<script type="importmap">${importMap()}</script>
<script type="module">
  import { createColloquyClient, createSender, executeOver } from 'colloquy-client'
  window.heard = []
  window.begin = (url, token, conversationId) => {
    const client = createColloquyClient({ url, token: () => token, firstPauseMs: 10 })
    window.connections = 0
    client.on('connected', () => window.connections++)
    const query = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'
    client.subscribe({ query }, {
      next: ({ data }) => window.heard.push(data.inbox.message?.content ?? data.inbox.__typename),
      error: reason => window.heard.push(JSON.stringify(reason)),
      complete: () => window.heard.push('complete'),
    })
    const sender = createSender(executeOver(client))
    window.say = content => sender.send({ conversationId, content }).then(({ message }) => message.seq)
  }
</script>`

/** Serves the page and the built package; returns its origin. */
async function serve(): Promise<string> {
  const built = emptyDirectory()
  await promisify(execFile)(resolve('node_modules/.bin/tsc'), ['-p', 'client/tsconfig.build.json', '--outDir', built])
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    const file = path.replace('/client/dist', built).replace('/graphql-ws', GRAPHQL_WS)
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript')
    response.end(path === '/' ? page() : readFileSync(file))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

test('in a browser nothing is lost, doubled or out of order while its network breaks again and again', async () => {
  const origin = await serve()
  const server = await startTestServer({ env: { ALLOWED_ORIGINS: origin } })
  onTestFinished(() => server.close())
  const scene = await createScene(server)
  const browser = await chromium.launchPersistentContext(emptyDirectory(), {
    executablePath: inject('chromiumPath'),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  })
  onTestFinished(() => browser.close())
  const complaints: string[] = []
  browser.on('weberror', error => complaints.push(error.error().message))
  const page = await browser.newPage()
  await page.goto(origin)
  await page.waitForFunction('window.begin')
  const heard = () => page.evaluate<readonly string[]>('window.heard')
  const url = scene.url.href.replace('http', 'ws')
  await page.evaluate(
    `window.begin(${[url, scene.bob.token, scene.group].map(text => JSON.stringify(text)).join(', ')})`,
  )
  await expect.poll(heard).toEqual(['CaughtUp'])

  const sent: string[] = []
  for (let index = 0; index < MESSAGES; index++) {
    sent.push(`message ${index}`)
    await say.send(scene.alice, scene.group, `message ${index}`)
    if (index % 10 === 5) scene.proxy.cut()
    if (index % 10 === 9) await expect.poll(heard).toContain(`message ${index}`)
  }
  scene.proxy.stall('down')
  const saying = page.evaluate('window.say("from the page")')
  await expect
    .poll(async () => JSON.stringify(await scene.alice.ask('{ conversations { nodes { lastMessage { content } } } }')))
    .toContain('from the page')
  scene.proxy.cut()
  scene.proxy.flow()
  expect(await saying).toBe(MESSAGES + 2)
  await expect.poll(heard).toContain('from the page')
  const messages = (await heard()).filter(content => content !== 'CaughtUp')
  expect(messages).toEqual([...sent, 'from the page'])
  expect(await page.evaluate('window.connections')).toBeGreaterThan(4)
  expect(complaints).toEqual([])
}, 120_000)
