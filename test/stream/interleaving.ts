import fc from 'fast-check'
import type { CommittedEvent } from '../../src/domain/event.ts'
import type { Subscription } from '../../src/stream/sink.ts'
import { createDurableWorld, createTestSelection, settled } from './durable-world.ts'
import { createRecordingSink, type RecordingSink } from './recording-sink.ts'

/** One thing that happens. `pick` chooses among what there is at that moment. */
export type Step =
  | { readonly type: 'send'; readonly pick: number }
  | { readonly type: 'move'; readonly user: string; readonly pick: number }
  | { readonly type: 'hear' | 'hear together' | 'lose' | 'close' | 'gate'; readonly pick: number }
  | { readonly type: 'drain'; readonly pick: number; readonly room: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'fail' | 'turn' }
  | {
      readonly type: 'open'
      readonly user: string
      readonly conversationId: string | null
      readonly after: number | null
      readonly room: number
      readonly selection: number
    }

const USERS = ['ann', 'bob', 'eve']
const CONVERSATIONS = ['c', 'd']
const pick = fc.nat({ max: 30 })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move' as const), user: fc.constantFrom(...USERS), pick }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom('hear' as const, 'hear' as const, 'hear together' as const, 'gate' as const),
      pick,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('lose' as const, 'close' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('drain' as const), pick, room: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(1, 50, 60_000) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('fail' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('open' as const),
      user: fc.constantFrom(...USERS),
      conversationId: fc.constantFrom(null, ...CONVERSATIONS),
      after: fc.option(pick),
      room: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
      selection: fc.nat({ max: 2 }),
    }),
  },
)

export const interleavings = fc.array(step, { minLength: 60, maxLength: 200, size: 'max' })

/** What one sink was told, and between which heads it was opened. */
export interface Opened {
  readonly user: string
  readonly conversationId: string | null
  readonly after: number | null
  readonly sink: RecordingSink
  readonly headAtFirst: number
  headAtLast: number
  subscription: Subscription | undefined
  closed: boolean
}

/** Plays the steps over small bounds, then lets everything come to rest: whatever may be held back is let go. */
export async function play(steps: readonly Step[]) {
  const bounds = {
    ringEvents: 4,
    pageEvents: 3,
    pipelineEvents: 3,
    heldEvents: 3,
    quietPositions: 6,
    tries: 1_000,
    retryMaxMs: 200,
  }
  const world = createDurableWorld(bounds)
  const { log, clock, streams, hear, hearTogether } = world
  const opened: Opened[] = []
  const unheard: CommittedEvent[] = []
  const gates: (() => void)[] = []
  let failures = 0
  const held = () => new Promise<void>(resolve => gates.push(resolve))
  log.gate = held
  const selections = [0, 1, 2].map(nth => {
    const selection = createTestSelection(`document ${nth}`)
    selection.before = () => {
      if (nth > 0 && failures > 0) {
        failures--
        if (nth === 1) throw new Error('failed')
        return Promise.reject(new Error('failed'))
      }
      return nth === 2 ? held() : undefined
    }
    return selection
  })
  const commit = (...event: Parameters<typeof log.commit>) => unheard.push(log.commit(...event))
  for (const id of CONVERSATIONS) commit('ConversationCreated', id, { memberIds: ['ann', 'bob'] })

  function open(each: Extract<Step, { type: 'open' }>): void {
    const sink = createRecordingSink(each.user, each.room)
    const selection = selections[each.selection % selections.length] ?? createTestSelection()
    const head = log.headNow().position
    const cursor = each.after === null ? undefined : log.events[each.after % log.events.length]
    const { user, conversationId } = each
    const after = cursor?.position ?? null
    const record: Opened = {
      ...{ user, conversationId, after, sink, headAtFirst: head, headAtLast: Number.POSITIVE_INFINITY },
      ...{ subscription: undefined, closed: false },
    }
    opened.push(record)
    const request = { after: cursor ?? null, selection, sink }
    const opening =
      conversationId === null ? world.tenant.openInbox(request) : world.tenant.openConversation(conversationId, request)
    opening.then(
      subscription => {
        record.subscription = subscription
        record.headAtLast = log.headNow().position
      },
      () => {
        record.closed = true
        sink.shut()
      },
    )
  }

  function move(user: string, conversationId: string): void {
    const kind = log.isMember(user, conversationId) ? 'MemberLeft' : 'MemberJoined'
    commit(kind, conversationId, { userId: user })
  }

  async function run(each: Step): Promise<void> {
    const conversationId = 'pick' in each && each.pick % 2 === 1 ? 'd' : 'c'
    switch (each.type) {
      case 'send':
        commit('MessageSent', conversationId)
        return
      case 'move':
        return move(each.user, conversationId)
      case 'hear':
        return hear(...unheard.splice(each.pick % Math.max(unheard.length, 1), 1))
      case 'hear together':
        return hearTogether(...unheard.splice(0, following(unheard)))
      case 'lose':
        unheard.splice(each.pick % Math.max(unheard.length, 1), 1)
        return
      case 'gate':
        return gates.splice(each.pick % Math.max(gates.length, 1), 1)[0]?.()
      case 'drain':
        return opened[each.pick % Math.max(opened.length, 1)]?.sink.drain(each.room)
      case 'advance':
        return clock.advance(each.ms)
      case 'fail':
        failures++
        return
      case 'turn':
        return settled()
      case 'open':
        return open(each)
      case 'close': {
        const record = opened[each.pick % Math.max(opened.length, 1)]
        if (record?.subscription === undefined || record.closed) return
        record.closed = true
        record.subscription.close()
        record.sink.shut()
      }
    }
  }

  async function rest(): Promise<void> {
    failures = 0
    hear(...unheard.splice(0), log.commit('MessageSent', 'c'))
    // Side by side: in a sum, what is let go would make up for what is done.
    const progress = () =>
      [log.reads.after, log.reads.pages, gates.length, ...opened.map(({ sink }) => sink.written.length)].join()
    for (let idle = 0, before = ''; idle < 4; ) {
      for (const gate of gates.splice(0)) gate()
      for (const { sink } of opened) sink.drain()
      await settled()
      clock.advance(400)
      await settled()
      idle = progress() === before ? idle + 1 : 0
      before = progress()
    }
  }

  for (const each of steps) await run(each)
  await rest()
  return { ...world, opened, close: () => streams.close() }
}

/** What a sink is to be told from a position on, but for CaughtUp: the log's own truth. */
export function truth({ log }: ReturnType<typeof createDurableWorld>, opened: Opened, from: number): readonly string[] {
  const said: string[] = []
  const last = log.events[from - 1]
  // Whoever comes back from there may not have been told what it means.
  if (opened.conversationId === null && opened.after === from && last?.kind === 'MemberLeft') {
    if (last.refs.userId === opened.user) said.push(`AccessRevoked ${from}`)
  }
  for (const event of log.visible(opened.user, opened.conversationId ?? undefined)) {
    if (event.position <= from) continue
    said.push(`${event.kind} ${event.position}`)
    if (event.kind !== 'MemberLeft' || event.refs.userId !== opened.user) continue
    said.push(`AccessRevoked ${event.position}`)
    if (opened.conversationId !== null) break
  }
  return said
}

/** How many of the first follow one another. */
function following(events: readonly CommittedEvent[]): number {
  const gap = events.findIndex(({ position }, nth) => position !== (events[0]?.position ?? 0) + nth)
  return gap === -1 ? events.length : gap
}
