import { describe, expect, it } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { busContract } from '../contracts/bus.ts'

busContract('the memory bus', () => {
  const bus = createMemoryBus()
  return { from: bus, to: bus, close: bus.close }
})

describe('the memory bus', () => {
  it('tells what a listener threw', async () => {
    const errors: unknown[] = []
    const bus = createMemoryBus({ onListenerError: error => errors.push(error) })
    const broken = new Error('a broken listener')
    await bus.subscribe(['a'], () => {
      throw broken
    })
    bus.publish(['a'], 'x')
    await Promise.resolve()
    expect(errors).toEqual([broken])
  })
})
