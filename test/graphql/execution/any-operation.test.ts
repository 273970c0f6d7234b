import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyOperation, anyOutcomes } from './any-selection.ts'
import { bothWays } from './both-ways.ts'

const variables = fc.record(
  { a: fc.boolean(), b: fc.constantFrom(true, false, null), text: fc.constantFrom('x', null) },
  { requiredKeys: ['a'] },
)

describe('any operation', () => {
  test('has the response, and calls the resolvers, that it has with graphql', async () => {
    const property = fc.asyncProperty(anyOperation, anyOutcomes, variables, async (source, outcomeOf, values) => {
      const { ours, graphqls } = await bothWays(source, outcomeOf, values)
      expect(ours).toEqual(graphqls)
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('has the data that it has with graphql when all comes in the same turn', async () => {
    const dataOf = (response: string) => (JSON.parse(response) as { data: unknown }).data
    const property = fc.asyncProperty(anyOperation, anyOutcomes, variables, async (source, outcomeOf, values) => {
      const { ours, graphqls } = await bothWays(source, outcomeOf, values, () => Promise.resolve())
      expect(dataOf(ours.response)).toEqual(dataOf(graphqls.response))
    })
    await fc.assert(property, { numRuns: 100 })
  })
})
