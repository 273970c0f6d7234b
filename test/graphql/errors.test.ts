import { readFileSync } from 'node:fs'
import { buildSchema, GraphQLError, isEnumType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { REQUEST_ERROR_CODES, Refusal, type RefusalCode, RequestError } from '../../src/domain/errors.ts'
import { StatementError, UnavailableError } from '../../src/store/database/database.ts'
import { fakeEngine, plain, run } from './engine-fixture.ts'

const contract = readFileSync(new URL('contract.graphql', import.meta.url), 'utf8')
const docs = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

/** One entry for each code: the compiler keeps it whole. */
const REFUSALS: Record<RefusalCode, true> = {
  NOT_FOUND: true,
  FORBIDDEN: true,
  INVALID: true,
  TOO_LONG: true,
  CONFLICT: true,
  IDEMPOTENCY_CONFLICT: true,
  DELETED: true,
  ARCHIVED: true,
  LIMIT_REACHED: true,
  NO_SESSION: true,
}

describe('the catalogue', () => {
  const documented = (section: string) =>
    docs
      .split('\n## ')
      .find(part => part.startsWith(section))
      ?.match(/(?<=^\| `)[A-Z_]+/gm)
      ?.sort()

  test('code, contract and documentation name the same top-level codes', () => {
    const header = contract.slice(contract.indexOf('# Top-level errors'), contract.indexOf('"An instant'))
    const codes = Object.keys(REQUEST_ERROR_CODES).sort()
    expect(header.match(/[A-Z]+(_[A-Z]+)+|FORBIDDEN|UNAUTHENTICATED|UNAVAILABLE/g)?.sort()).toEqual(codes)
    expect(documented('Top-level errors')).toEqual(codes)
    for (const [code, status] of Object.entries(REQUEST_ERROR_CODES))
      expect(docs).toContain(`| \`${code}\` | ${status} |`)
  })

  test('code, contract and documentation name the same refusals', () => {
    const type = buildSchema(contract).getType('ErrorCode')
    const codes = Object.keys(REFUSALS).sort()
    expect(
      isEnumType(type) &&
        type
          .getValues()
          .map(value => value.name)
          .sort(),
    ).toEqual(codes)
    expect(documented('Refusals')).toEqual(codes)
  })
})

describe('masking', () => {
  const secret = 'SELECT * FROM message WHERE host = 10.0.0.7'

  test('a request error and a refusal are shown by their codes', () => {
    const { engine, logged } = fakeEngine()
    const limited = new RequestError('RATE_LIMITED', 'Slow down.', { event: 'message:send', limit: 10 })
    const shown = { message: 'Slow down.', extensions: { code: 'RATE_LIMITED', event: 'message:send', limit: 10 } }
    expect(engine.mask(limited).toJSON()).toEqual(shown)
    expect(engine.mask(engine.mask(limited)).toJSON()).toEqual(shown)
    expect(engine.mask(new Refusal('NOT_FOUND', 'None.')).extensions).toEqual({ code: 'NOT_FOUND' })
    expect(engine.mask(new Refusal('TOO_LONG', 'Long.')).extensions).toEqual({ code: 'BAD_USER_INPUT' })
    expect(engine.mask(new UnavailableError(secret)).toJSON()).toMatchObject({ extensions: { code: 'UNAVAILABLE' } })
    expect(JSON.stringify(engine.mask(new UnavailableError(secret)))).not.toContain('SELECT')
    expect(logged).toEqual([])
  })

  test.for([
    new Error(secret),
    new StatementError('42P01', secret),
    new GraphQLError(secret),
    new GraphQLError(secret, { originalError: new Error(secret) }),
    secret,
    null,
  ])('whatever else is thrown is logged whole and shown as nothing (%#)', thrown => {
    const { engine, logged } = fakeEngine()
    const masked = engine.mask(thrown)
    expect(masked.toJSON()).toEqual({ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } })
    expect(masked.originalError).toBeUndefined()
    expect(masked.cause).toBeUndefined()
    expect(logged).toEqual([
      { error: thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : thrown, path: undefined },
    ])
  })

  test('a field that fails is null with an error at its path, and its neighbours stay', async () => {
    const services = {
      messages: {
        byIds: async () => {
          throw new StatementError('42P01', secret)
        },
      },
      streams: {
        head: async () => {
          throw new Error(secret)
        },
      },
    }
    const { engine, logged } = fakeEngine(services)
    const result = await run(engine, '{ __typename mine: message(id: "x") { id } }')
    expect(result).toEqual({
      data: { __typename: 'Query', mine: null },
      errors: [
        {
          message: 'Internal server error',
          path: ['mine'],
          locations: [{ line: 1, column: 14 }],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    })
    expect(logged).toHaveLength(1)
    expect(plain(await run(engine, '{ viewer { position } }'))).toMatchObject({
      data: null,
      errors: [{ path: ['viewer', 'position'] }],
    })
  })

  test('a null variable where none may stand is the client’s fault', async () => {
    const { engine, logged } = fakeEngine()
    const query = 'query ($id: ID = "a") { message(id: $id) { id } }'
    expect(await run(engine, query, { id: null })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
    expect(logged).toEqual([])
  })
})
