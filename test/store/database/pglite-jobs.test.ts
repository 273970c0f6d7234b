import { expect, it } from 'vitest'
import { createJobQueue } from '../../../src/store/database/pglite-jobs.ts'
import type { Job, Work } from '../../../src/store/database/pglite-messages.ts'

const work = {
  commit: { kind: 'commit', statements: [] },
  read: { kind: 'read', statements: [] },
  maintain: { kind: 'maintain', sql: 'VACUUM' },
  close: { kind: 'close' },
} satisfies Record<string, Work>

/** The kinds of the jobs in the order in which they are handed out. */
async function order(kinds: readonly (keyof typeof work)[]): Promise<readonly string[]> {
  const queue = createJobQueue()
  for (const [id, kind] of kinds.entries()) queue.add({ id, work: work[kind] })
  const jobs: Job[] = []
  for await (const job of queue) jobs.push(job)
  for (const kind of ['commit', 'read']) {
    const ids = jobs.filter(job => job.work.kind === kind).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  }
  return jobs.map(job => job.work.kind)
}

const repeat = <Kind>(count: number, kind: Kind): readonly Kind[] => Array.from({ length: count }, () => kind)

it('lets a write pass a crowd of reads', async () => {
  expect((await order([...repeat(100, 'read' as const), 'commit'])).indexOf('commit')).toBeLessThanOrEqual(8)
})

it('lets a read pass a crowd of writes', async () => {
  expect((await order([...repeat(100, 'commit' as const), 'read'])).indexOf('read')).toBeLessThanOrEqual(1)
})

it('hands out every job', async () => {
  const kinds = [...repeat(30, 'read' as const), ...repeat(30, 'commit' as const), 'maintain' as const]
  expect((await order(kinds)).toSorted()).toEqual(kinds.toSorted())
})

it('closes after everything that came before', async () => {
  expect((await order([...repeat(20, 'read' as const), ...repeat(3, 'commit' as const), 'close'])).at(-1)).toBe('close')
})

it('asks for somebody to work on it only while nobody does', async () => {
  const queue = createJobQueue()
  expect(queue.add({ id: 1, work: work.read })).toBe(true)
  for await (const job of queue) {
    if (job.id === 1) expect(queue.add({ id: 2, work: work.read })).toBe(false)
  }
  expect(queue.add({ id: 3, work: work.read })).toBe(true)
})
