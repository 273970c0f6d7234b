import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/domain/errors.ts'
import { applyPayloads } from '../../src/graphql/payloads.ts'
import { readTypeDefs } from '../../src/graphql/schema.ts'
import { admitted, alice, cursor, fakeEngine, message, plain, run } from './engine-fixture.ts'

const send = 'sendMessage(input: { conversationId: "c1", content: "x", clientMessageId: "k" })'

describe('payloads', () => {
  test('a refusal is data: nulls and userErrors, and no error', async () => {
    const refusal = new Refusal('TOO_LONG', 'At most 10 characters.', ['input', 'content'])
    const { engine } = fakeEngine({ messages: { send: () => Promise.reject(refusal) } })
    const result = await run(
      engine,
      `mutation { ${send} { message { id } position userErrors { code message field } } }`,
    )
    const userErrors = [{ code: 'TOO_LONG', message: 'At most 10 characters.', field: ['input', 'content'] }]
    expect(result).toEqual({ data: { sendMessage: { message: null, position: null, userErrors } } })
  })

  test('what was done has no userErrors, and hides behind no neighbour that was refused', async () => {
    const services = {
      messages: {
        send: async () => ({ thing: message(), position: cursor(40) }),
        remove: async () => {
          throw new Refusal('NOT_FOUND', 'No such message.', ['input', 'messageId'])
        },
        edit: async () => {
          throw new Error('a fault')
        },
      },
    }
    const { engine } = fakeEngine(services)
    const result = await run(
      engine,
      `mutation { ${send} { message { content } userErrors { code } } deleteMessage(input: { messageId: "x" }) { userErrors { code } }
        editMessage(input: { messageId: "x", content: "y" }) { userErrors { code } } }`,
    )
    expect(result).toMatchObject({
      data: {
        sendMessage: { message: { content: 'hello' }, userErrors: [] },
        deleteMessage: { userErrors: [{ code: 'NOT_FOUND' }] },
        editMessage: null,
      },
      errors: [{ path: ['editMessage'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    })
  })

  test('every mutation answers a refusal this way', async () => {
    const { engine } = fakeEngine()
    for (const field of Object.values(engine.schema.getMutationType()?.getFields() ?? {})) {
      const refuse = () => Promise.reject(new Refusal('FORBIDDEN', 'No.'))
      const service = new Proxy({}, { get: () => refuse })
      const context = {
        viewer: alice,
        session: { refresh: refuse },
        forget() {},
        services: new Proxy({}, { get: () => service }),
      }
      const payload: unknown = await field.resolve?.(undefined, { input: {} }, context, Object.create(null))
      expect(payload, field.name).toEqual({ userErrors: [{ code: 'FORBIDDEN', message: 'No.', field: null }] })
    }
  })

  test('a mutation sees what an earlier one of its document changed', async () => {
    let content = 'before'
    const services = {
      messages: {
        byIds: async () => [message({ id: 'm1', content })],
        send: async () => ({ thing: message({ replyToId: 'm1' }), position: cursor(1) }),
        edit: async () => {
          content = 'after'
          return { thing: message(), position: cursor(2) }
        },
      },
    }
    const { engine } = fakeEngine(services)
    const result = await run(
      engine,
      `mutation { a: ${send} { message { replyTo { content } } } editMessage(input: { messageId: "m1", content: "y" }) { message { id } }
        b: ${send} { message { replyTo { content } } } }`,
    )
    expect(result['data']).toMatchObject({
      a: { message: { replyTo: { content: 'before' } } },
      b: { message: { replyTo: { content: 'after' } } },
    })
  })

  test('refreshSession outside a socket is NO_SESSION, within one the new expiry', async () => {
    const { engine } = fakeEngine()
    const query = 'mutation { refreshSession(input: { token: "t" }) { expiresAt userErrors { code } } }'
    expect(await run(engine, query)).toEqual({
      data: { refreshSession: { expiresAt: null, userErrors: [{ code: 'NO_SESSION' }] } },
    })
    const session = { refresh: async () => ({ ...alice, expiresAt: 1_000 }) }
    const result = await engine.execute(admitted(engine, query), { viewer: alice, session })
    expect(plain(result)).toEqual({
      data: { refreshSession: { expiresAt: '1970-01-01T00:00:01.000Z', userErrors: [] } },
    })
  })

  test('a schema with a payload that could not say a refusal is not built', () => {
    const broken = (from: string, to: string) => buildSchema(readTypeDefs().replace(from, to))
    const noErrors = broken(
      'type SendSignalPayload {\n  signal: Signal\n',
      'type SendSignalPayload { signal: Signal }\ntype Other {\n',
    )
    expect(() => applyPayloads(noErrors)).toThrow('SendSignalPayload')
    const notNull = broken(
      'type SendSignalPayload {\n  signal: Signal\n',
      'type SendSignalPayload {\n  signal: Signal!\n',
    )
    expect(() => applyPayloads(notNull)).toThrow('SendSignalPayload')
  })
})
