import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions } from '../../src/observe/pino.ts'

function recorded(options: Partial<LoggerOptions> = {}) {
  const chunks: string[] = []
  const destination = { write: (chunk: string) => void chunks.push(chunk) }
  const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  const logger = createLogger({ level: 'debug', pretty: false, now, destination, ...options })
  const only = (): Record<string, unknown> => JSON.parse(chunks.join(''))
  return { logger, chunks, only }
}

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'

describe('createLogger', () => {
  it('writes one JSON line an event, with level, time, fields and message', () => {
    const { logger, chunks } = recorded()
    logger.info({ port: 4000 }, 'listening')
    expect(chunks).toEqual(['{"level":"info","time":"2026-01-02T03:04:05.678Z","port":4000,"msg":"listening"}\n'])
  })

  it('leaves out what is below its level', () => {
    const { logger, chunks } = recorded({ level: 'warn' })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level]({}, level)
    expect(chunks.map(chunk => JSON.parse(chunk).level)).toEqual(['warn', 'error'])
  })

  it.each([
    { token: JWT },
    { authorization: 'Basic abcdef' },
    { a: { b: { c: { accessToken: 'abcdef' } } } },
    { headers: { Authorization: 'abcdef', Cookie: 'abcdef', 'x-api-key': 'abcdef', 'Proxy-Authorization': 'abcdef' } },
    { list: [{ password: 'abcdef' }, { client_secret: 'abcdef' }] },
    { JWT_SECRET: 'abcdef', secret: { nested: 'abcdef' }, password: ['abcdef'] },
    { rawHeaders: ['authorization', 'Bearer abcdef'] },
    { url: 'postgres://user:abcdef@host/db' },
    { url: `/graphql?x=${JWT}` },
    { error: new Error(`cannot use ${JWT}`, { cause: new Error('redis://:abcdef@host') }) },
    { error: Object.assign(new Error('refused'), { password: 'abcdef' }) },
    { padding: `${'x'.repeat(1000)} ${JWT}${'x'.repeat(5000)}` },
    { padding: `${'x'.repeat(1000)} postgres://user:abcdef${'x'.repeat(100)}@host` },
  ])('shows no secret: %o', fields => {
    const { logger, chunks } = recorded()
    logger.error(fields, `with ${JWT} and Bearer abcdef`)
    expect(chunks.join('')).not.toMatch(/abcdef|eyJhbG|c2lnbmF0dXJl/)
    expect(chunks.join('')).toContain('[redacted]')
  })

  it('redacts by the last word of a name, not by any word', () => {
    const { logger, only } = recorded()
    logger.info({ tokenId: 'jti-1', tokens: 10, secretary: 'bob', token: null }, '')
    expect(only()).toMatchObject({ tokenId: 'jti-1', tokens: 10, secretary: 'bob', token: null })
  })

  it.each([false, true])('lets no value begin a line or move the cursor (pretty: %s)', pretty => {
    const { logger, chunks } = recorded({ pretty })
    const nasty = 'x\r\n{"level":"error"}\u001b[2J\u009b31m\u2028\u202e\u0000\u0007'
    logger.info({ nasty, [nasty]: 1, deep: [{ nasty }], error: new Error(nasty) }, nasty)
    const written = chunks.join('')
    expect(written.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
    expect(written.split('\n').filter(start => start.startsWith('{"level":"error"'))).toEqual([])
    if (!pretty) expect(written.trimEnd().split('\n')).toHaveLength(1)
  })

  it('cuts values over 1 KB and says how long they were', () => {
    const { logger, chunks, only } = recorded()
    logger.info({ short: 'x'.repeat(1024), long: 'y'.repeat(1_000_000) }, 'z'.repeat(1_000_000))
    expect(only()).toMatchObject({
      short: 'x'.repeat(1024),
      long: `${'y'.repeat(1024)}[cut: 1000000 characters]`,
      msg: `${'z'.repeat(1024)}[cut: 1000000 characters]`,
    })
    expect(Buffer.byteLength(chunks.join(''))).toBeLessThan(5000)
  })

  it('bounds wide and deep values', () => {
    const { logger, chunks } = recorded()
    const tree = (depth: number): unknown => (depth === 0 ? 'leaf' : Array.from({ length: 60 }, () => tree(depth - 1)))
    let deep: unknown = 1
    for (let n = 0; n < 10_000; n++) deep = { deep }
    logger.info({ bytes: new Uint8Array(1_000_000), deep, tree: tree(3) }, '')
    expect(Buffer.byteLength(chunks.join(''))).toBeLessThan(20_000)
    expect(JSON.parse(chunks.join(''))).toMatchObject({ bytes: '[1000000 bytes]' })
  })

  it('takes cycles, big integers and objects that throw', () => {
    const { logger, chunks } = recorded()
    const cycle: Record<string, unknown> = { big: 10n }
    cycle['self'] = cycle
    logger.info(cycle, 'cycle')
    const trap = Object.defineProperty({}, 'trap', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    logger.info(trap, 'trap')
    expect(chunks.map(chunk => JSON.parse(chunk))).toMatchObject([{ big: '10', msg: 'cycle' }, { msg: 'trap' }])
  })

  it.each(['err', 'error', 'whatever'])('shows an error under %s with its cause and frames', name => {
    const { logger, only } = recorded()
    const error = Object.assign(new TypeError('outer\n    at forged'), { code: 'E1' })
    error.cause = new RangeError('inner')
    logger.error({ [name]: error }, 'failed')
    expect(only()[name]).toMatchObject({
      type: 'TypeError',
      message: 'outer\\u000a    at forged',
      code: 'E1',
      cause: { type: 'RangeError', message: 'inner' },
      stack: expect.stringMatching(/^ +at .*pino\.test\.ts/),
    })
  })

  it('lets no field pass for the level, the time or the message', () => {
    const { logger, chunks } = recorded()
    logger.info({ level: 'error', time: 0, msg: 'forged' }, 'real')
    const [written = ''] = chunks
    expect(written).toBe(
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","level_":"error","time_":0,"msg_":"forged","msg":"real"}\n',
    )
  })

  it.each([false, true])('loses nothing when the process ends in the same turn (pretty: %s)', async pretty => {
    const module = new URL('../../src/observe/pino.ts', import.meta.url)
    const program = `import { createLogger } from ${JSON.stringify(module.href)}
      const logger = createLogger({ level: 'info', pretty: ${pretty} })
      for (let n = 0; n < 500; n++) logger.info({ n }, 'before the end')
      logger.error({}, 'last words')
      process.exit(0)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(output.match(/before the end/g)).toHaveLength(500)
    expect(output).toContain('last words')
  })
})
