import { expect, test } from 'vitest'
import { createLoader } from '../../src/graphql/loaders.ts'

function counted() {
  const reads: (readonly string[])[] = []
  const loader = createLoader<string, string | undefined>(
    async keys => {
      reads.push(keys)
      return keys.map(key => (key === 'none' ? undefined : key.toUpperCase()))
    },
    key => key,
  )
  return { reads, loader }
}

test('what is asked for together is read together, each once', async () => {
  const { reads, loader } = counted()
  expect(await Promise.all(['a', 'b', 'a'].map(key => loader.load(key)))).toEqual(['A', 'B', 'A'])
  expect(reads).toEqual([['a', 'b']])
})

test('what is known is given back at once, also that there is none', async () => {
  const { reads, loader } = counted()
  loader.prime('p', 'primed')
  await loader.load('a')
  await loader.load('none')
  expect([loader.load('p'), loader.load('a'), loader.load('none')]).toEqual(['primed', 'A', undefined])
  expect(reads).toEqual([['a'], ['none']])
})
