import { expect, test } from 'vitest'
import { createPipeline, type Targets } from '../../src/stream/pipeline.ts'
import type { Rendered } from '../../src/stream/rendering.ts'

/** Jobs are shown as their names in capitals. One whose name ends in "?" is executed later, when `go` says so. */
function world(limit = 1_000) {
  const shown: string[] = []
  const overflown: string[] = []
  const later = new Map<string, (rendered: Rendered) => void>()
  const payloadOf = (job: string): Rendered => ({ payload: { json: job.toUpperCase(), position: null } })
  const pipeline = createPipeline<string, string, string>({
    limit,
    render(job) {
      if (!job.endsWith('?')) return payloadOf(job)
      return new Promise(resolve => later.set(job, resolve))
    },
    deliver(listeners, deliveries) {
      for (const listener of listeners) {
        for (const { job, rendered } of deliveries) {
          shown.push(`${listener} ${'payload' in rendered ? rendered.payload.json : `failed ${job}`}`)
        }
      }
    },
    overflow: jobs => overflown.push(...jobs.map(({ job }) => job)),
  })
  async function go(job: string): Promise<void> {
    later.get(job)?.(payloadOf(job))
    await new Promise(resolve => setImmediate(resolve))
  }
  return { pipeline, shown, overflown, go }
}

const to = (...listeners: readonly string[]): Targets<string, string> => new Map([['all', listeners]])

test('delivers each job in the turn of its push', () => {
  const { pipeline, shown } = world()
  pipeline.push('a', to('ann', 'bob'))
  pipeline.push('b', to('ann', 'bob'))
  expect(shown).toEqual(['ann A', 'bob A', 'ann B', 'bob B'])
})

test('gives each listener in one go what is pushed together for the same listeners', () => {
  const { pipeline, shown } = world()
  pipeline.together(() => {
    pipeline.push('a', to('ann', 'bob'))
    pipeline.push('b', to('ann', 'bob'))
    pipeline.push('c', to('bob', 'ann'))
    pipeline.push('d', to('bob'))
    expect(shown).toEqual([])
  })
  expect(shown).toEqual(['ann A', 'ann B', 'bob A', 'bob B', 'bob C', 'ann C', 'bob D'])
})

test('tells listeners of one selection from those of another', () => {
  const { pipeline, shown } = world()
  const both = new Map([
    ['short', ['ann']],
    ['long', ['bob']],
  ])
  pipeline.together(() => {
    pipeline.push('a', both)
    pipeline.push('b', new Map(both))
    pipeline.push('c', new Map([['long', ['ann']]]))
  })
  expect(shown).toEqual(['ann A', 'ann B', 'bob A', 'bob B', 'ann C'])
})

test('delivers at once where it is told to, also within what goes together', () => {
  const { pipeline, shown } = world()
  pipeline.together(() => {
    pipeline.push('a', to('ann'))
    pipeline.flush()
    expect(shown).toEqual(['ann A'])
    pipeline.push('b', to('ann'))
  })
  expect(shown).toEqual(['ann A', 'ann B'])
})

test('delivers nothing before what is executed for longer', async () => {
  const { pipeline, shown, go } = world()
  pipeline.together(() => {
    pipeline.push('a', to('ann'))
    pipeline.push('b?', to('ann'))
    pipeline.push('c', to('ann'))
  })
  expect(shown).toEqual(['ann A'])
  await go('b?')
  expect(shown).toEqual(['ann A', 'ann B?', 'ann C'])
})

test('never lets much wait for what comes together with it', () => {
  const { pipeline, shown, overflown } = world(10)
  pipeline.together(() => {
    for (let n = 0; n < 1_000; n++) pipeline.push(`${n}`, to('ann'))
    expect(shown.length).toBeGreaterThan(900)
  })
  expect(shown).toEqual(Array.from({ length: 1_000 }, (_, n) => `ann ${n}`))
  expect(overflown).toEqual([])
})
