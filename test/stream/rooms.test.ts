import { describe, expect, it } from 'vitest'
import { RequestError } from '../../src/domain/errors.ts'
import { UnavailableError } from '../../src/store/database/database.ts'
import { settled } from './durable-world.ts'
import { change, createBrake, createRoomSelection, createRoomWorld, ROOM } from './room-world.ts'

describe('a room', () => {
  it('shows the state first and then each change, in order', async () => {
    const { open, publish } = createRoomWorld()
    const { sink } = await open('ann', { snapshot: async () => [change('bob', 1), change('eve', 1)] })
    expect(sink.written).toEqual([])
    await settled()
    publish(change('bob', 2), change('bob', 3))
    expect(sink.written).toEqual(['bob types 1', 'eve types 1', 'bob types 2', 'bob types 3'])
  })

  it('shows after the state what was published meanwhile, unless the state says as much', async () => {
    const { open, publish } = createRoomWorld()
    const brake = createBrake()
    const opening = open('ann', {
      newer: (held, state) => held.version > state.version,
      snapshot: async () => {
        await brake.wait()
        return [change('bob', 2), change('eve', 1)]
      },
    })
    await settled()
    publish(change('bob', 1), change('bob', 2), change('eve', 2), change('joe', 1), change(null, 1))
    brake.go()
    const { sink } = await opening
    publish(change('joe', 2))
    await settled()
    expect(sink.written).toEqual(['bob types 2', 'eve types 1', 'eve types 2', 'joe types 2', 'null types 1'])
  })

  it('holds what is published meanwhile to the state also when it is slow to execute for others', async () => {
    const { open, publish } = createRoomWorld()
    const slow = createRoomSelection('slow')
    await open('bob', { selection: slow })
    await settled()
    const [execution, snapshot] = [createBrake(), createBrake()]
    slow.before = execution.wait
    const state = snapshot.wait().then(() => [change('bob', 2)])
    const opening = open('ann', { newer: (held, said) => held.version > said.version, snapshot: () => state })
    await settled()
    publish(change('bob', 1))
    snapshot.go()
    const { sink } = await opening
    await settled()
    execution.go()
    await settled()
    expect(sink.written).toEqual(['bob types 2'])
  })

  it('shows all that was published meanwhile where nothing tells what is newer', async () => {
    const { open, publish } = createRoomWorld()
    const brake = createBrake()
    const opening = open('ann', { snapshot: () => brake.wait().then(() => [change('bob', 2)]) })
    await settled()
    publish(change('bob', 2))
    brake.go()
    const { sink } = await opening
    await settled()
    expect(sink.written).toEqual(['bob types 2', 'bob types 2'])
  })

  it('executes each change once for all who show the same, and once more for another document', async () => {
    const { open, publish } = createRoomWorld()
    const selections = [createRoomSelection(), createRoomSelection(), createRoomSelection('other')]
    const sinks = await Promise.all(selections.map(selection => open('ann', { selection })))
    await settled()
    publish(change('bob', 1))
    expect(selections.map(selection => selection.executions)).toEqual([1, 0, 1])
    for (const { sink } of sinks) expect(sink.written).toEqual(['bob types 1'])
  })

  it('is another for every name, however the parts are cut', async () => {
    const { open, publish, tenant } = createRoomWorld()
    const { sink, subscription } = await open('ann')
    await settled()
    for (const name of [['typing'], ['typing', 'c', ''], ['typing","c'], ['typing:c'], ['', 'typing', 'c']]) {
      expect(tenant.occupied(name)).toBe(false)
      tenant.publish(name, change('bob', 1))
    }
    expect(sink.written).toEqual([])
    expect(tenant.occupied(ROOM)).toBe(true)
    subscription.close()
    expect(tenant.occupied(ROOM)).toBe(false)
    publish(change('bob', 2))
    expect(sink.written).toEqual([])
  })

  it('leaves out those who are not to have a change, also when that cannot be told', async () => {
    const { open, publish } = createRoomWorld()
    const bob = (await open('bob', { accepts: source => source.who === 'bob' })).sink
    const none = await open('ann', {
      accepts: () => {
        throw new Error('cannot tell')
      },
    })
    const ann = (await open('ann')).sink
    await settled()
    publish(change('bob', 1), change('eve', 1))
    expect([bob.written, none.sink.written]).toEqual([['bob types 1'], []])
    expect(ann.written).toEqual(['bob types 1', 'eve types 1'])
  })

  it('keeps the order when executions take their time, and drops what cannot be executed', async () => {
    const { open, publish, logger } = createRoomWorld()
    const selection = createRoomSelection()
    const { sink } = await open('ann', { selection })
    await settled()
    const brake = createBrake()
    selection.before = source => {
      if (source.version === 1) return brake.wait()
      if (source.version === 2) throw new Error('no')
      return undefined
    }
    publish(change('bob', 1), change('bob', 2), change('bob', 3))
    expect(sink.written).toEqual([])
    brake.go()
    await settled()
    expect(sink.written).toEqual(['bob types 1', 'bob types 3'])
    expect(logger.entries.filter(entry => entry.level === 'warn')).toHaveLength(1)
  })

  it('refuses the ninth different document of a viewer', async () => {
    const { open } = createRoomWorld()
    for (let nth = 0; nth < 8; nth++) await open('ann', { selection: createRoomSelection(`document ${nth}`) })
    const ninth = { selection: createRoomSelection('document 8') }
    await expect(open('ann', ninth)).rejects.toMatchObject({ code: 'TOO_MANY_SELECTIONS' })
    await open('bob', ninth)
  })

  it('hands on why the snapshot was refused, and keeps nothing of it', async () => {
    const { open, tenant, clock } = createRoomWorld()
    const refusal = new RequestError('NOT_FOUND', 'No such conversation.')
    await expect(open('ann', { snapshot: () => Promise.reject(refusal) })).rejects.toBe(refusal)
    const away = { snapshot: () => Promise.reject(new UnavailableError('away')) }
    await expect(open('ann', away)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect([tenant.occupied(ROOM), clock.pending]).toEqual([false, 0])
  })
})

describe('closing', () => {
  it('is heard while a result is being made', async () => {
    const { open, publish, clock } = createRoomWorld()
    const selection = createRoomSelection()
    const brake = createBrake()
    const { sink, subscription } = await open('ann', { selection, snapshot: async () => [change('bob', 1)] })
    selection.before = brake.wait
    await settled()
    publish(change('bob', 2))
    expect(brake.held).toHaveLength(1)
    subscription.close()
    sink.shut()
    brake.go()
    await settled()
    expect([sink.written, sink.faults, clock.pending]).toEqual([[], [], 0])
  })

  it('of everything ends every operation', async () => {
    const { open, streams, publish, clock } = createRoomWorld()
    const { sink } = await open('ann')
    await settled()
    await streams.close()
    expect(sink.ends).toMatchObject([{ code: 'UNAVAILABLE' }])
    await expect(open('ann')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    publish(change('bob', 1))
    expect([sink.written, sink.faults, clock.pending]).toEqual([[], [], 0])
  })
})
