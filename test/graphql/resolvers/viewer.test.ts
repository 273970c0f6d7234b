import { describe, expect, test } from 'vitest'
import { RequestError } from '../../../src/domain/errors.ts'
import { encodeCursor } from '../../../src/domain/position.ts'
import { alice, cursor, fakeEngine, run } from '../engine-fixture.ts'

const NO_ROOMS = { items: [], hasNextPage: false, hasPreviousPage: false }

function recorded(head = async () => cursor(7)) {
  const asked: string[] = []
  const services = {
    streams: {
      async head() {
        asked.push('the head')
        const found = await head()
        asked.push('the head is known')
        return found
      },
    },
    conversations: {
      async list() {
        asked.push('the list')
        return NO_ROOMS
      },
    },
  }
  return { ...fakeEngine(services), asked }
}

describe("the viewer's position", () => {
  test.each([
    ['before the rest', '{ viewer { position } conversations { nodes { id } } }'],
    ['after the rest', '{ conversations { nodes { id } } viewer { position } }'],
    [
      'in a fragment, under other names',
      '{ c: conversations { nodes { id } } v: viewer { ...P } } fragment P on Viewer { p: position }',
    ],
  ])('is of before anything else of its query, wherever it stands: %s', async (_, query) => {
    const { engine, asked } = recorded()
    expect(JSON.stringify(await run(engine, query))).toContain(`"${encodeCursor(cursor(7))}"`)
    expect(asked).toEqual(['the head', 'the head is known', 'the list'])
  })

  test('is not read for a query that does not show it', async () => {
    const { engine, asked } = recorded()
    await run(engine, '{ viewer { user { id } } conversations { nodes { id } } }')
    expect(asked).toEqual(['the list'])
  })

  test('is not read for a mutation that stands in one document with such a query', async () => {
    const { engine, asked } = recorded()
    const document =
      'query A { viewer { position } } mutation B { archiveConversation(input: { conversationId: "c1", archived: true }) { position } }'
    const admitted = engine.admit({ query: document, operationName: 'B' })
    if (!('document' in admitted)) throw new Error('The request was refused.')
    await engine.execute(admitted, { viewer: alice, session: null })
    expect(asked).toEqual([])
  })

  test('that cannot be read is an error of its own', async () => {
    const { engine } = recorded(() => Promise.reject(new RequestError('UNAVAILABLE', 'away')))
    const result = await run(engine, '{ viewer { position } conversations { nodes { id } } }')
    expect(result).toMatchObject({ errors: [{ path: ['viewer', 'position'], extensions: { code: 'UNAVAILABLE' } }] })
  })
})
