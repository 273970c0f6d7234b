import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AUTHORIZATION, startTransport } from '../transport-fixture.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, { method: 'POST', headers: { ...JSON_TYPE, ...AUTHORIZATION, ...headers }, body: text })
}

async function codeOf(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()).errors?.[0]?.extensions?.code
}

/** A request with an Origin, which fetch does not let a caller set. */
async function withOrigin(port: number, origin: string, method = 'POST'): Promise<{ status: number; headers: object }> {
  const headers = { ...JSON_TYPE, ...AUTHORIZATION, origin }
  const outgoing = request({ host: '127.0.0.1', port, path: '/graphql', method, headers })
  outgoing.end(method === 'POST' ? '{"query":"mutation { bump }"}' : '')
  const [response] = await once(outgoing, 'response')
  response.resume()
  return { status: response.statusCode, headers: response.headers }
}

/** What a large body gets from a client that sends all of it, whatever comes back meanwhile. */
async function statusOf(port: number, body: string, framing: Record<string, string | number> = {}): Promise<number> {
  const length = 'transfer-encoding' in framing ? {} : { 'content-length': Buffer.byteLength(body) }
  const headers = { ...JSON_TYPE, ...AUTHORIZATION, ...length, ...framing }
  const outgoing = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  response.resume()
  await once(response, 'end')
  return response.statusCode
}

describe('what is let in', () => {
  test('a mutation on GET is 405, and nothing runs', async () => {
    const { url, engine } = await startTransport()
    const response = await fetch(`${url}?query=mutation{bump}`, { headers: AUTHORIZATION })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(engine.executed).toEqual([])
  })

  test.each([
    ['application/x-www-form-urlencoded', 'query=mutation{bump}'],
    ['text/plain', '{"query":"mutation { bump }"}'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="query"\r\n\r\nmutation{bump}\r\n--x--',
    ],
    ['application/graphql', 'mutation { bump }'],
    ['application/graphql+json', '{"query":"mutation { bump }"}'],
    ['application/json; charset=utf-16', '{"query":"mutation { bump }"}'],
  ])('a body of %s is 415, and nothing runs', async (type, body) => {
    const { url, engine } = await startTransport()
    const response = await post(url, body, { 'content-type': type })
    expect(response.status).toBe(415)
    expect(engine.executed).toEqual([])
  })

  test.each([
    ['a batch', [{ query: '{ hello }' }, { query: '{ hello }' }]],
    ['an empty batch', []],
    ['no JSON', '{"query":'],
    ['null', null],
    ['a text', '"x"'],
    ['no query', {}],
    ['a query that is no text', { query: 1 }],
    ['variables that are a list', { query: '{ hello }', variables: [] }],
    ['extensions that are a text', { query: '{ hello }', extensions: 'x' }],
    ['an operationName that is no text', { query: '{ hello }', operationName: {} }],
  ])('%s is 400 with BAD_USER_INPUT, and nothing runs', async (_what, body) => {
    const { url, engine } = await startTransport()
    const response = await post(url, body)
    expect(response.status).toBe(400)
    expect(await codeOf(response)).toBe('BAD_USER_INPUT')
    expect(engine.executed).toEqual([])
  })

  test('GET with variables that are no JSON is 400', async () => {
    const { url } = await startTransport()
    const response = await fetch(`${url}?query={hello}&variables={`, { headers: AUTHORIZATION })
    expect(response.status).toBe(400)
  })

  test('a body of 1 MB is read, a longer one is 413, told or untold its length', async () => {
    const { port, engine } = await startTransport()
    const body = (bytes: number) => {
      const rest = JSON.stringify({ query: '{ hello }', extensions: { x: '' } })
      return rest.replace('""', `"${'x'.repeat(bytes - rest.length)}"`)
    }
    expect(await statusOf(port, body(1_048_576))).toBe(200)
    expect(await statusOf(port, body(1_048_577))).toBe(413)
    expect(await statusOf(port, body(5_000_000))).toBe(413)
    expect(await statusOf(port, body(3_000_000), { 'transfer-encoding': 'chunked' })).toBe(413)
    expect(engine.executed).toEqual(['hello'])
  })

  test('an answer that its client does not read is not kept for ever', async () => {
    const { port, transport } = await startTransport({ stallMs: 100 })
    const open = async () => {
      const { promise, resolve } = Promise.withResolvers<number>()
      transport.server.getConnections((_error, count) => resolve(count))
      return promise
    }
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {}).pause()
    const query = encodeURIComponent('{ big(size: 50000000) }')
    socket.write(`GET /graphql?query=${query} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer alice/acme\r\n\r\n`)
    await expect.poll(open).toBe(1)
    await expect.poll(open, { timeout: 10_000 }).toBe(0)
  })

  test('a body that is not UTF-8 is 400, and nothing of it runs', async () => {
    const { url, engine } = await startTransport()
    const body = Buffer.concat([Buffer.from('{"query":"mutation { bump } # '), Buffer.from([0xff]), Buffer.from('"}')])
    const response = await fetch(url, { method: 'POST', headers: { ...JSON_TYPE, ...AUTHORIZATION }, body })
    expect(response.status).toBe(400)
    expect(await codeOf(response)).toBe('BAD_USER_INPUT')
    expect(engine.executed).toEqual([])
  })

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is 405', async method => {
    const { url } = await startTransport()
    expect((await fetch(url, { method, headers: AUTHORIZATION })).status).toBe(405)
  })
})

describe('who is let in', () => {
  test.each([
    ['no token', {}],
    ['a forged token', { authorization: 'Bearer forged' }],
    ['an expired token', { authorization: 'Bearer alice/acme~-1' }],
    ['another scheme', { authorization: 'Basic YWxpY2U6eA==' }],
    ['a cookie', { cookie: 'authorization=Bearer alice/acme; token=alice/acme' }],
  ])('%s is 401 with UNAUTHENTICATED', async (_what, headers) => {
    const { url, engine } = await startTransport()
    const response = await fetch(`${url}?token=alice/acme&authorization=Bearer%20alice/acme`, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: '{"query":"mutation { bump }"}',
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await codeOf(response)).toBe('UNAUTHENTICATED')
    expect(engine.executed).toEqual([])
  })

  test('tokens that cannot be verified now are 503 with UNAVAILABLE', async () => {
    const { url } = await startTransport()
    const response = await post(url, { query: '{ hello }' }, { authorization: 'Bearer unavailable' })
    expect(response.status).toBe(503)
    expect(await codeOf(response)).toBe('UNAVAILABLE')
  })

  test('a verifier that breaks is 500, and says nothing of why', async () => {
    const authenticate = () => Promise.reject(new Error('secret inside'))
    const { url, logged } = await startTransport({}, { authenticate })
    const response = await post(url, { query: '{ hello }' })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('inside')
    expect(logged).toEqual(['A request failed'])
  })

  test.each(['null', 'https://evil.example', 'http://localhost.evil.example', 'http://localhost@evil.example'])(
    'the origin %s is 403 on POST, GET and the preflight, and nothing runs',
    async origin => {
      const { port, engine } = await startTransport({ allowLocalOrigins: true })
      for (const method of ['POST', 'GET', 'OPTIONS']) {
        const { status, headers } = await withOrigin(port, origin, method)
        expect(status).toBe(403)
        expect(headers).not.toHaveProperty('access-control-allow-origin')
      }
      expect(engine.executed).toEqual([])
    },
  )

  test('an allowed origin may ask first, and reads the answer', async () => {
    const { port } = await startTransport({ allowedOrigins: ['https://chat.example'] })
    const preflight = await withOrigin(port, 'https://chat.example', 'OPTIONS')
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://chat.example',
      'access-control-allow-headers': expect.stringContaining('authorization'),
    })
    const asked = await withOrigin(port, 'https://chat.example')
    expect(asked.status).toBe(200)
    expect(asked.headers).toMatchObject({ 'access-control-allow-origin': 'https://chat.example' })
    expect(asked.headers).not.toHaveProperty('access-control-allow-credentials')
  })
})

describe('how it is answered', () => {
  test.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
    ['application/graphql-response+json;q=0.5, application/json;q=0.9', 'application/json'],
    ['text/event-stream, application/json', 'application/json'],
    ['multipart/mixed, application/json', 'application/json'],
  ])('Accept %s is answered with %s', async (accept, type) => {
    const { url } = await startTransport()
    const response = await post(url, { query: '{ hello }' }, accept === undefined ? {} : { accept })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`)
  })

  test.each(['text/html', 'multipart/mixed', 'application/json;q=0', 'application/json; charset=latin1'])(
    'Accept %s is 406, and nothing runs',
    async accept => {
      const { url, engine } = await startTransport()
      expect((await post(url, { query: 'mutation { bump }' }, { accept })).status).toBe(406)
      expect(engine.executed).toEqual([])
    },
  )

  test('a subscription asked for as JSON is 406', async () => {
    const { url, engine } = await startTransport()
    const response = await post(url, { query: 'subscription { ticks }' }, { accept: 'application/json' })
    expect(response.status).toBe(406)
    expect(engine.feeds).toEqual([])
  })

  test.each(['application/json', 'application/graphql-response+json'])(
    'as %s: refused before it ran is by its code, rate limits and faults of fields are 200',
    async accept => {
      const { url } = await startTransport()
      const status = async (query: string) => (await post(url, { query }, { accept })).status
      expect(await status('{ hello')).toBe(400)
      expect(await status('{ nonsense }')).toBe(400)
      expect(await status('query($size: Int!) { big(size: $size) }')).toBe(400)
      expect(await status('mutation { limited }')).toBe(200)
      expect(await status('{ broken }')).toBe(200)
    },
  )

  test('paths: live, ready, one of the server, and none', async () => {
    let ready = true
    const pages = new Map([
      ['/metrics', (_request: unknown, response: { end(text: string): void }) => response.end('m 1')],
    ])
    const { url } = await startTransport({}, { ready: () => ready, pages })
    const get = (path: string) => fetch(new URL(path, url))
    expect((await get('/livez')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    ready = false
    expect((await get('/readyz')).status).toBe(503)
    expect((await get('/livez')).status).toBe(200)
    expect(await (await get('/metrics')).text()).toBe('m 1')
    for (const path of ['/', '/graphql/', '/graphiql', '/graphql/graphiql/page.js', '/health']) {
      expect((await get(path)).status).toBe(404)
    }
  })

  test('every answer forbids sniffing, framing and telling where it came from', async () => {
    const { url } = await startTransport()
    for (const response of [
      await post(url, { query: '{ hello }' }),
      await fetch(url),
      await fetch(new URL('/', url)),
    ]) {
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  })

  test('a taken port is an error that says so', async () => {
    const { port } = await startTransport()
    const { transport } = await startTransport()
    await transport.close()
    await expect(transport.listen(port, '127.0.0.1')).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`)
  })
})
