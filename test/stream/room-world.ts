import type { StreamOptions } from '../../src/stream/options.ts'
import type { Selection } from '../../src/stream/selection.ts'
import type { OpenRoom } from '../../src/stream/streams.ts'
import { createDurableWorld } from './durable-world.ts'
import { createRecordingSink } from './recording-sink.ts'

/** Who does what since when; `who` null has no key. */
export interface Change {
  readonly who: string | null
  readonly what: string
  readonly version: number
}

export const ROOM = ['typing', 'c']
export const change = (who: string | null, version: number, what = 'types'): Change => ({ who, what, version })

export interface RoomSelection extends Selection<Change> {
  executions: number
  before: (source: Change) => void | Promise<void>
}

export function createRoomSelection(key = 'all'): RoomSelection {
  const show = (source: Change) => ({ json: `${source.who} ${source.what} ${source.version}`, position: null })
  const selection: RoomSelection = {
    key,
    executions: 0,
    before: () => {},
    render(source) {
      selection.executions++
      const wait = selection.before(source)
      return wait instanceof Promise ? wait.then(() => show(source)) : show(source)
    },
  }
  return selection
}

export function createRoomWorld(options: Partial<StreamOptions> = {}) {
  const world = createDurableWorld(options)
  world.commit('ConversationCreated', 'c', { memberIds: ['ann', 'bob'] })
  const { tenant } = world

  async function open(userId: string, request: Partial<OpenRoom<Change>> & { room?: number } = {}) {
    const sink = createRecordingSink(userId, request.room)
    const subscription = await tenant.openRoom<Change>(ROOM, {
      selection: createRoomSelection(),
      conversationId: 'c',
      snapshot: async () => [],
      keyOf: source => source.who,
      ...request,
      sink,
    })
    return { sink, subscription }
  }

  const publish = (...changes: Change[]) => {
    for (const each of changes) tenant.publish(ROOM, each)
  }
  return { ...world, open, publish }
}

/** Something that is awaited until the test lets it go. */
export function createBrake() {
  const held: (() => void)[] = []
  return {
    wait: () => new Promise<void>(resolve => held.push(resolve)),
    go() {
      for (const resolve of held.splice(0)) resolve()
    },
    held,
  }
}
