import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { emptyDirectory, type Served, serve, stopped } from '../cli/command.ts'
import { pgliteDirectory } from '../support/database.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** For a machine that is busy with other tests. */
const PATIENCE = { timeout: 20_000 }

const LISTEN = 'subscription Hear { inbox { __typename ... on MessageSent { message { content sender { name } } } } }'
const SEND = `mutation Hello { sendDirectMessage(input: { userIds: ["bob"], content: "Hello Bob!", clientMessageId: "hello-1" }) {
  message { content } userErrors { code } } }`

/** What a browser did beside showing pages. */
interface Watched {
  readonly origins: Set<string>
  readonly complaints: string[]
}

async function openBrowser(): Promise<BrowserContext & { readonly watched: Watched }> {
  const executablePath = inject('chromiumPath')
  const browser = await chromium.launchPersistentContext(emptyDirectory(), { executablePath, args: FLAGS })
  onTestFinished(() => browser.close())
  const watched: Watched = { origins: new Set(), complaints: [] }
  browser.on('request', request => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:') watched.origins.add(origin)
  })
  browser.on('console', message => {
    if (['error', 'warning'].includes(message.type())) watched.complaints.push(message.text())
  })
  browser.on('weberror', error => watched.complaints.push(error.error().message))
  browser.on('page', page => {
    page.on('websocket', socket => watched.origins.add(new URL(socket.url()).origin.replace('ws', 'http')))
  })
  return Object.assign(browser, { watched })
}

/** A server on a database of its own, and a browser. */
async function start() {
  const { path, close } = await pgliteDirectory()
  onTestFinished(close)
  return { server: await serve({ DATA_DIR: path }), browser: await openBrowser() }
}

/** Opens the address that the server printed for this person. */
async function openAs(name: string, server: Served, browser: BrowserContext): Promise<Page> {
  const line = await server.printed(new RegExp(`${name} +http\\S+\\n`))
  const address = line.slice(line.indexOf('http')).trim()
  const page = await browser.newPage()
  await page.goto(address)
  await page.locator('.graphiql-execute-button').waitFor()
  await expect
    .poll(() => page.locator('#viewer').innerText(), PATIENCE)
    .toContain(`${name} · ${name.toLowerCase()} of demo`)
  expect(page.url()).toBe(address.split('#')[0])
  return page
}

async function execute(page: Page, operation: string): Promise<void> {
  await page.locator('.graphiql-query-editor .view-lines').first().click()
  await page.keyboard.press('ControlOrMeta+A')
  // In one line: the editor answers a line break with brackets of its own.
  await page.keyboard.insertText(operation.replaceAll(/\s+/g, ' '))
  // GraphiQL reads what is typed a moment later, and names the tab by it: until then it would ask for the operation that was there before.
  const [, name] = operation.split(' ', 2)
  await page.locator('.graphiql-tab-active', { hasText: name ?? '' }).waitFor()
  await page.locator('.graphiql-execute-button').click()
}

async function answer(page: Page): Promise<string> {
  return textOf(page.locator('.graphiql-response'))
}

async function textOf(editor: Locator): Promise<string> {
  const text = await editor.innerText()
  // The editor writes spaces that do not break.
  return text.replaceAll(/\s+/g, ' ')
}

async function stored(page: Page): Promise<string> {
  return page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])')
}

/** A page with its editor takes its time to start on a machine that is busy with other tests. Milliseconds. */
const PAGES = 90_000

test('Bob sees in GraphiQL what Alice sends from hers', { timeout: PAGES }, async () => {
  const { server, browser } = await start()
  const bob = await openAs('Bob', server, browser)
  const alice = await openAs('Alice', server, browser)

  await execute(bob, LISTEN)
  await expect.poll(() => answer(bob), PATIENCE).toContain('"__typename": "CaughtUp"')
  await execute(alice, SEND)
  await expect.poll(() => answer(alice), PATIENCE).toContain('"content": "Hello Bob!"')
  expect(await answer(alice)).toContain('"userErrors": []')
  await expect.poll(() => answer(bob), PATIENCE).toContain('"content": "Hello Bob!"')
  expect(await answer(bob)).toContain('"name": "Alice"')

  expect([...browser.watched.origins]).toEqual([server.url.origin])
  expect(browser.watched.complaints).toEqual([])
  for (const page of [bob, alice]) expect(await stored(page)).not.toMatch(/eyJ/)
  await browser.close()
  await stopped(server)
})

test('the first message is still ready to be sent when one comes back to its tab', { timeout: PAGES }, async () => {
  const { server, browser } = await start()
  const alice = await openAs('Alice', server, browser)
  const variables = () => textOf(alice.locator('.monaco-editor').nth(1))
  await expect.poll(variables, PATIENCE).toContain('"content": "Hello, bob"')
  for (const name of ['Inbox', 'Send', 'Send']) {
    await alice.getByRole('tab', { name }).click()
    await alice.locator('.graphiql-tab-active', { hasText: name }).waitFor()
  }
  await alice.locator('.graphiql-execute-button').click()
  await expect.poll(() => answer(alice), PATIENCE).toContain('"content": "Hello, bob"')
  await browser.close()
  await stopped(server)
})
