import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { MessageRecord } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { describeDatabases } from '../support/database.ts'
import { countTo, openWorld, type World } from '../support/world.ts'

describeDatabases('messages that change at once', open => {
  let world: World
  let ada: Viewer
  let bob: Viewer
  let said: MessageRecord
  beforeAll(async () => {
    world = await openWorld(open)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const people = await world.people()
    ;[ada, bob] = [people.ada, people.bob]
    const { thing } = await world.conversations.create(ada, { kind: 'GROUP', memberIds: ['bob'] })
    const input = { conversationId: thing.id, content: 'hi', clientMessageId: 'key' }
    said = (await world.messages.send(bob, input)).thing
  })

  const edit = (content: string, expectedVersion: number | null = null) =>
    world.messages.edit(bob, { messageId: said.id, content, expectedVersion })
  const remove = (viewer: Viewer) => world.messages.remove(viewer, { messageId: said.id })
  const stored = async () => (await world.messages.byIds(ada, [said.id]))[0]
  const story = async () => (await world.story(ada, said.conversationId)).slice(2)
  const refusals = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
    outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.code] : []))

  it('of edits that expect one version, one is done', async () => {
    const outcomes = await Promise.allSettled(countTo(6).map(n => edit(`${n}`, 1)))
    expect(refusals(outcomes)).toEqual(Array.from({ length: 5 }, () => 'CONFLICT'))
    expect(await stored()).toMatchObject({ version: 2 })
    expect(await story()).toEqual(['MessageEdited 3'])
  })

  it('of edits that expect none, each is done or told of the conflict, and the versions have no hole', async () => {
    const outcomes = await Promise.allSettled(countTo(10).map(n => edit(`${n}`)))
    const done = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value.thing] : []))
    expect(refusals(outcomes).filter(code => code !== 'CONFLICT')).toEqual([])
    expect(done.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(countTo(done.length).map(n => n + 1))
    expect(await story()).toHaveLength(done.length)
    const kept = await stored()
    expect(done.find(({ version }) => version === kept?.version)).toEqual(kept)
  })

  it('a deletion stands, whatever edits are on their way', async () => {
    const outcomes = await Promise.allSettled([edit('1'), edit('2'), remove(ada), edit('3')])
    expect(outcomes[2]?.status).toBe('fulfilled')
    expect(await stored()).toMatchObject({ content: null, metadata: null, mentions: [] })
    expect((await story()).at(-1)).toMatch('MessageDeleted')
    expect(refusals(outcomes).filter(code => code !== 'DELETED')).toEqual([])
  })

  it('is deleted once, though many ask', async () => {
    const outcomes = await Promise.allSettled([remove(ada), remove(bob), remove(ada), remove(bob)])
    expect(refusals(outcomes)).toEqual(['DELETED', 'DELETED', 'DELETED'])
    expect(await story()).toEqual(['MessageDeleted 3'])
  })

  it('nothing is said or edited after the archive is shut', async () => {
    const { conversationId } = said
    let shutting: Promise<unknown> | undefined
    async function untilRefused(lane: number): Promise<unknown> {
      for (const n of countTo(500)) {
        if (lane === 1 && n === 4) shutting = world.conversations.archive(ada, { conversationId, archived: true })
        const input = { conversationId, content: 'hi', clientMessageId: `${lane} ${n}` }
        const refusal = await (lane % 2 === 0 ? edit('ha') : world.messages.send(bob, input)).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (refusal !== undefined) return refusal
      }
      return undefined
    }
    const ends = await Promise.all(countTo(3).map(untilRefused))
    await shutting
    for (const end of ends) expect(end).toMatchObject({ code: 'ARCHIVED' })
    const events = await world.events(ada, conversationId)
    expect(events.at(-1)).toMatchObject({ kind: 'ConversationUpdated', actorId: 'ada' })
    expect(events.map(({ seq }) => seq)).toEqual(countTo(events.length))
  })
})
