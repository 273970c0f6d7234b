import { describe, expect, it } from 'vitest'
import { RequestError } from '../../src/domain/errors.ts'
import { whileOpen } from '../../src/services/while-open.ts'
import type { Sink } from '../../src/stream/sink.ts'

function watched() {
  const ends: unknown[] = []
  const sink: Sink = { userId: 'ada', write: () => true, onDrain: resume => resume(), end: error => ends.push(error) }
  const released: string[] = []
  return { ends, sink, released, hold: (name: string) => () => void released.push(name) }
}

describe('what a subscription holds', () => {
  it('is given back once when the client leaves, however often it says so', async () => {
    const { sink, released, hold } = watched()
    let closed = 0
    const subscription = await whileOpen(sink, async (_, keep) => {
      keep(hold('a'))
      keep(hold('b'))
      return { close: () => void closed++ }
    })
    expect(released).toEqual([])
    subscription.close()
    subscription.close()
    expect(released).toEqual(['a', 'b'])
    expect(closed).toBeGreaterThan(0)
  })

  it('is given back when the stream ends the operation, which hears why', async () => {
    const { sink, ends, released, hold } = watched()
    const error = new RequestError('ACCESS_REVOKED', 'Gone.')
    let inner: Sink | undefined
    await whileOpen(sink, async (given, keep) => {
      inner = given
      keep(hold('a'))
      return { close() {} }
    })
    inner?.end(error)
    expect([released, ends]).toEqual([['a'], [error]])
  })

  it('is given back when opening is refused', async () => {
    const { sink, released, hold } = watched()
    const opening = whileOpen(sink, async (_, keep) => {
      keep(hold('a'))
      throw new Error('refused')
    })
    await expect(opening).rejects.toThrow('refused')
    expect(released).toEqual(['a'])
  })

  it('is given back at once when it comes too late', async () => {
    const { sink, released, hold } = watched()
    const subscription = await whileOpen(sink, async (_, keep) => ({ close: () => keep(hold('late')) }))
    subscription.close()
    expect(released).toEqual(['late'])
  })
})
