import { once } from 'node:events'
import { get, type IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AUTHORIZATION, startTransport } from '../transport-fixture.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

/** One answer as it came, still compressed. */
async function raw(url: URL | string, headers: Record<string, string> = {}) {
  const [response] = await once(get(url, { headers }), 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const answered: IncomingHttpHeaders = response.headers
  return { status: Number(response.statusCode), headers: answered, body: Buffer.concat(chunks) }
}

test('a browser gets the page, a client that asks gets an answer', async () => {
  const { url } = await startTransport({ graphiql: true })
  const page = await raw(url, BROWSER)
  expect(page.status).toBe(200)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect((await raw(`${url}?query={hello}`, { ...AUTHORIZATION })).body.toString()).toBe('{"data":{"hello":"world"}}')
  expect((await raw(`${url}?query={hello}`, { ...BROWSER, ...AUTHORIZATION })).body.toString()).toContain('world')
})

test('where it is off a browser gets no page and no script', async () => {
  const { url } = await startTransport({ graphiql: false })
  expect((await raw(url, BROWSER)).status).toBe(401)
  expect((await raw(new URL('/graphql/graphiql/graphiql.js', url))).status).toBe(404)
})

test('a foreign page cannot frame it or ask for it', async () => {
  const { url } = await startTransport({ graphiql: true })
  const { headers } = await raw(url, BROWSER)
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect((await raw(url, { ...BROWSER, origin: 'https://evil.example' })).status).toBe(403)
})

test('all that the page loads comes from this server, and its policy allows no more', async () => {
  const { url } = await startTransport({ graphiql: true })
  const { body, headers } = await raw(url, BROWSER)
  const page = body.toString()
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)]
    .map(match => match[1] ?? '')
    .filter(path => path !== 'data:,')
  expect(loaded.length).toBeGreaterThan(2)
  for (const path of loaded) {
    expect(path).toMatch(/^\/graphql\/graphiql\//)
    expect((await raw(new URL(path, url))).status).toBe(200)
  }
  expect(page).not.toMatch(/<script(?![^>]*src=)/)
  expect(headers['content-security-policy']).toContain("default-src 'none'")
  expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
})

test('the script of the page finds the modules and the workers that it names', async () => {
  const { url } = await startTransport({ graphiql: true })
  const at = (name: string) => raw(new URL(`/graphql/graphiql/${name}`, url))
  const client = await at('client.js')
  const shared = /from '\.\/(common-[\w-]+\.js)'/.exec(client.body.toString())?.[1]
  expect(shared).toBeDefined()
  for (const name of [shared ?? '', 'graphql.js', 'json.js', 'editorWorkerService.js']) {
    const { status, headers } = await at(name)
    expect([name, status]).toEqual([name, 200])
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
  }
})

test('the large script is sent once: compressed, then by its ETag', async () => {
  const { url } = await startTransport({ graphiql: true })
  const script = new URL('/graphql/graphiql/graphiql.js', url)
  const plain = await raw(script)
  const zipped = await raw(script, { 'accept-encoding': 'gzip, br' })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(zipped.body.length).toBeLessThan(plain.body.length / 3)
  expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
  const again = await raw(script, { 'if-none-match': plain.headers.etag ?? '' })
  expect([again.status, again.body.length]).toEqual([304, 0])
})

test.each(['constructor', '__proto__', '../graphiql.ts', '%2e%2e/client.js', 'common-x.js', 'server.js', ''])(
  'no asset is named %j',
  async name => {
    const { url } = await startTransport({ graphiql: true })
    expect((await raw(`${new URL(url).origin}/graphql/graphiql/${name}`)).status).toBe(404)
  },
)
