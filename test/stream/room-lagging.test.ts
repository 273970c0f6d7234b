import { describe, expect, it } from 'vitest'
import { settled } from './durable-world.ts'
import { change, createBrake, createRoomSelection, createRoomWorld } from './room-world.ts'

describe('one who lags in a room', () => {
  it('is shown the newest of each key, and of what has none the newest 64', async () => {
    const { open, publish } = createRoomWorld()
    const { sink } = await open('ann', { room: 1 })
    await settled()
    publish(change('bob', 0))
    for (let version = 1; version <= 100; version++) publish(change('bob', version), change(null, version))
    publish(change('eve', 1), change('bob', 101))
    expect(sink.written).toEqual(['bob types 0'])
    sink.drain()
    await settled()
    publish(change('bob', 102))
    const signals = Array.from({ length: 64 }, (_, nth) => `null types ${nth + 37}`)
    expect(sink.written).toEqual(['bob types 0', 'eve types 1', 'bob types 101', ...signals, 'bob types 102'])
    expect(sink.faults).toEqual([])
  })

  it('is bounded in keys, the state aside', async () => {
    const { open, publish } = createRoomWorld({ roomStates: 10 })
    const { sink } = await open('ann', {
      room: 3,
      snapshot: async () => [1, 2, 3, 4, 5].map(nth => change(`s${nth}`, nth)),
    })
    await settled()
    for (let nth = 0; nth < 30; nth++) publish(change(`u${nth}`, 1))
    sink.drain()
    await settled()
    const newest = Array.from({ length: 10 }, (_, nth) => `u${nth + 20} types 1`)
    expect(sink.written).toEqual([...[1, 2, 3, 4, 5].map(nth => `s${nth} types ${nth}`), ...newest])
    expect(sink.faults).toEqual([])
  })

  it('keeps the order with those that were being executed when it began to lag', async () => {
    const { open, publish } = createRoomWorld()
    const selection = createRoomSelection()
    const { sink } = await open('ann', { selection, room: 1 })
    await settled()
    const brake = createBrake()
    selection.before = brake.wait
    publish(change('bob', 1), change('bob', 2), change('eve', 2))
    selection.before = () => {}
    brake.go()
    await settled()
    publish(change('bob', 3))
    expect(sink.written).toEqual(['bob types 1'])
    sink.drain()
    await settled()
    expect([sink.written, sink.faults]).toEqual([['bob types 1', 'eve types 2', 'bob types 3'], []])
  })

  it('is what all become when executions pile up', async () => {
    const { open, publish } = createRoomWorld({ pipelineEvents: 10 })
    const selection = createRoomSelection()
    const { sink } = await open('ann', { selection })
    await settled()
    const brake = createBrake()
    selection.before = source => (source.who === 'slow' ? brake.wait() : undefined)
    publish(change('slow', 0))
    for (let version = 1; version <= 20; version++) publish(change('bob', version))
    for (let turn = 0; turn < 5; turn++) {
      brake.go()
      await settled()
    }
    expect(sink.written[0]).toBe('slow types 0')
    expect(sink.written.at(-1)).toBe('bob types 20')
    expect(sink.written.length).toBeLessThan(20)
    publish(change('eve', 1))
    expect(sink.written.at(-1)).toBe('eve types 1')
  })
})
