import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connection, emptyConnection, pageRequest } from '../../src/graphql/paging.ts'

const forward = { direction: 'forward', count: 20 } as const
const backward = { direction: 'backward', count: 50 } as const
const refusal = expect.objectContaining({ name: 'RequestError', code: 'BAD_USER_INPUT' })
const page = { items: [{ seq: 3 }, { seq: 5 }], hasNextPage: true, hasPreviousPage: false }
const shown = connection(
  page,
  item => item,
  item => [item.seq],
)

describe('a page', () => {
  test('is read forward from a cursor, backward from one, or as the list is by itself', () => {
    const cursor = shown.pageInfo.endCursor
    expect(pageRequest({}, forward)).toEqual({ direction: 'forward', count: 20, cursor: null })
    expect(pageRequest({ first: null, after: null }, backward)).toEqual({
      direction: 'backward',
      count: 50,
      cursor: null,
    })
    expect(pageRequest({ first: 0 }, backward)).toEqual({ direction: 'forward', count: 0, cursor: null })
    expect(pageRequest({ first: 2, after: cursor }, backward)).toEqual({ direction: 'forward', count: 2, cursor: [5] })
    expect(pageRequest({ after: cursor }, backward)).toEqual({ direction: 'forward', count: 50, cursor: [5] })
    expect(pageRequest({ last: 100, before: cursor }, forward)).toEqual({
      direction: 'backward',
      count: 100,
      cursor: [5],
    })
    expect(pageRequest({ before: cursor }, forward)).toEqual({ direction: 'backward', count: 20, cursor: [5] })
  })

  test.for([
    { first: 101 },
    { first: -1 },
    { last: 99_999_999 },
    { last: -1 },
    { first: 1, last: 1 },
    { first: 1, before: shown.pageInfo.endCursor },
    { after: shown.pageInfo.endCursor, before: shown.pageInfo.endCursor },
    { after: 'rubbish' },
    { after: '' },
    { after: Buffer.from('{"a":1}').toString('base64url') },
    { after: Buffer.from('[{"a":1}]').toString('base64url') },
    { after: Buffer.from('[1.5]').toString('base64url') },
    { after: 'A'.repeat(10_000) },
  ])('%o is BAD_USER_INPUT', args => {
    expect(() => pageRequest(args, forward)).toThrow(refusal)
  })

  test('a cursor gives back the key that it holds, and no text is an unexpected error', () => {
    const part = fc.oneof(fc.string(), fc.maxSafeInteger())
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), key => {
        const { endCursor } = connection(
          { ...page, items: [key] },
          item => item,
          item => item,
        ).pageInfo
        expect(pageRequest({ after: endCursor }, forward).cursor).toEqual(key)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), after => {
        try {
          pageRequest({ after }, forward)
        } catch (error) {
          expect(error).toEqual(refusal)
        }
      }),
    )
  })

  test('as a connection says its ends', () => {
    expect(shown.nodes).toEqual(page.items)
    expect(shown.edges.map(edge => edge.node)).toEqual(page.items)
    expect(shown.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: shown.edges[0]?.cursor,
      endCursor: shown.edges[1]?.cursor,
    })
    expect(emptyConnection()).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
  })
})
