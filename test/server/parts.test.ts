import { expect, test } from 'vitest'
import { createParts } from '../../src/server/parts.ts'

function part(name: string, closed: string[], failure?: Error) {
  return {
    async close() {
      closed.push(name)
      if (failure !== undefined) throw failure
    },
  }
}

test('the last made closes first, and only once', async () => {
  const closed: string[] = []
  const parts = createParts()
  for (const name of ['database', 'streams', 'transport']) parts.keep(part(name, closed))
  await Promise.all([parts.close(), parts.close()])
  expect(closed).toEqual(['transport', 'streams', 'database'])
})

test('one that fails keeps no other from closing, and is told of', async () => {
  const closed: string[] = []
  const parts = createParts()
  parts.keep(part('database', closed))
  parts.keep(part('streams', closed, new Error('stuck')))
  await expect(parts.close()).rejects.toMatchObject({ errors: [new Error('stuck')] })
  expect(closed).toEqual(['streams', 'database'])
})
