import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { StreamItem } from '../../src/domain/event.ts'
import { newId } from '../../src/domain/ids.ts'
import type { Cursor } from '../../src/domain/position.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createStreamService } from '../../src/services/streams.ts'
import { toSend } from '../../src/store/commands/send-message.ts'
import { createStreams } from '../../src/stream/create-streams.ts'
import { silent } from '../support/database.ts'
import { listening } from '../support/ephemeral-world.ts'
import { draft } from '../support/tenant-fixture.ts'
import { countTo, openWorld, type World } from '../support/world.ts'

describe('catching up', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let start: Cursor
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    people = await world.people()
    start = await world.streams.head(people.ada)
  })

  const group = async (...memberIds: readonly string[]) =>
    (await world.conversations.create(people.ada, { kind: 'GROUP', memberIds })).thing.id
  const say = (conversationId: string, viewer = people.ada) =>
    world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: newId() })
  const put = (conversationId: string, userId: string) =>
    world.members.add(people.ada, { conversationId, userIds: [userId] })
  const putOut = (conversationId: string, userId: string) =>
    world.members.remove(people.ada, { conversationId, userId })
  const word = (item: StreamItem) => `${item.type === 'event' ? item.event.kind : item.type} ${item.position.position}`
  async function page(viewer: Viewer, after: Cursor, count = 100) {
    const { items, hasNextPage, end } = await world.streams.events(viewer, after, count)
    return { said: items.map(word), hasNextPage, end }
  }
  /** Every page from `after` on, each as long as it says at most. */
  async function pages(viewer: Viewer, after: Cursor, count: number): Promise<readonly (readonly string[])[]> {
    const read: (readonly string[])[] = []
    for (let more = true, cursor = after; more; ) {
      const { said, hasNextPage, end } = await page(viewer, cursor, count)
      expect(said.length).toBeGreaterThan(0)
      read.push(said)
      more = hasNextPage
      cursor = end
    }
    return read
  }

  it('says what the inbox would have said, and that it is all', async () => {
    const room = await group('bob')
    const { thing } = await say(room, people.bob)
    await world.messages.edit(people.bob, { messageId: thing.id, content: 'ha' })
    await world.messages.remove(people.ada, { messageId: thing.id })
    await world.conversations.update(people.ada, { conversationId: room, title: 'Tea' })
    await world.members.update(people.ada, { conversationId: room, userId: 'bob', role: 'ADMIN' })
    await put(room, 'cyd')
    const { said, hasNextPage, end } = await page(people.bob, start)
    expect(said).toEqual([
      'ConversationCreated 1',
      'MessageSent 2',
      'MessageEdited 3',
      'MessageDeleted 4',
      'ConversationUpdated 5',
      'MemberUpdated 6',
      'MemberJoined 7',
      'CaughtUp 7',
    ])
    expect(hasNextPage).toBe(false)
    expect(end).toEqual(await world.streams.head(people.ada))
  })

  it('says CaughtUp alone when nothing was missed', async () => {
    expect(await page(people.ada, start)).toEqual({ said: ['CaughtUp 0'], hasNextPage: false, end: start })
    await group()
    const head = await world.streams.head(people.ada)
    expect(await page(people.eve, start)).toEqual({ said: ['CaughtUp 1'], hasNextPage: false, end: head })
    expect(await page(people.eve, head)).toEqual({ said: ['CaughtUp 1'], hasNextPage: false, end: head })
  })

  it('ends after a bounded stretch of a log that says nothing to the viewer, at a place to go on from', async () => {
    const room = await group()
    const quiet = await group('bob')
    const after = await world.streams.head(people.bob)
    const { log } = world.tenantOf(people.ada)
    await Promise.all(countTo(5_050).map(() => log.submit(toSend(draft(room, 'ada')))))
    await say(quiet)
    const { store } = world
    const live = createStreams({ store, bus: createMemoryBus(), clock: systemClock, logger: silent })
    const streams = createStreamService({ store, streams: live, readsMax: 1 })
    const first = await streams.events(people.bob, after, 100)
    expect(first).toMatchObject({ items: [], hasNextPage: true, end: { position: after.position + 5_000 } })
    const { items, hasNextPage } = await streams.events(people.bob, first.end, 100)
    const last = after.position + 5_051
    expect([items.map(word), hasNextPage]).toEqual([[`MessageSent ${last}`, `CaughtUp ${last}`], false])
  })

  it('goes on in pages from where the last one ended, without gap or double', async () => {
    const room = await group()
    for (const _ of countTo(5)) await say(room)
    const whole = [...countTo(6).map(n => `${n === 1 ? 'ConversationCreated' : 'MessageSent'} ${n}`), 'CaughtUp 6']
    for (const count of [1, 2, 3, 6, 7]) {
      const read = await pages(people.ada, start, count)
      expect(read.flat()).toEqual(whole)
      expect(read.slice(0, -1).map(said => said.length)).toEqual(read.slice(0, -1).map(() => count))
    }
    expect(await page(people.ada, start, 0)).toMatchObject({ said: [], hasNextPage: true })
  })

  it('says only what happened while the viewer was in, the opening and the closing event included', async () => {
    const room = await group('bob')
    await put(room, 'cyd')
    await say(room)
    await putOut(room, 'cyd')
    await say(room)
    await put(room, 'cyd')
    await say(room)
    expect((await page(people.cyd, start)).said).toEqual([
      'MemberJoined 2',
      'MessageSent 3',
      'MemberLeft 4',
      'AccessRevoked 4',
      'MemberJoined 6',
      'MessageSent 7',
      'CaughtUp 7',
    ])
    expect((await page(people.bob, start)).said).not.toContain('AccessRevoked 4')
  })

  it('names the conversation that the viewer lost', async () => {
    const room = await group('bob')
    await world.members.leave(people.bob, { conversationId: room })
    const { items } = await world.streams.events(people.bob, start, 100)
    const lost = { type: 'AccessRevoked', conversationId: room, reason: expect.any(String) }
    expect(items[2]).toEqual({ ...lost, position: items[1]?.position })
  })

  it('never parts a leaving from the loss that it means, and keeps to its length', async () => {
    const rooms = [await group('bob'), await group('bob'), await group('bob'), await group('bob')]
    for (const room of rooms) await putOut(room, 'bob')
    const left = await world.streams.head(people.ada)
    for (const count of [2, 3, 4, 5, 8, 9, 100]) {
      const read = await pages(people.bob, start, count)
      for (const said of read) {
        expect(said.length).toBeLessThanOrEqual(count)
        expect(said.at(-1)).not.toMatch('MemberLeft')
        expect(said[0]).not.toMatch('AccessRevoked')
      }
      expect(read.flat()).toHaveLength(13)
    }
    expect((await pages(people.bob, start, 1)).slice(4, 6)).toEqual([
      ['MemberLeft 5', 'AccessRevoked 5'],
      ['MemberLeft 6', 'AccessRevoked 6'],
    ])
    expect((await page(people.bob, left)).said).toEqual(['CaughtUp 8'])
  })

  it('in pages of any length says the same', async () => {
    const rooms = [await group('bob'), await group('bob')] as const
    const happen = fc.array(fc.constantFrom('say', 'in', 'out'), { minLength: 5, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(happen, fc.integer({ min: 1, max: 6 }), async (plan, count) => {
        const from = await world.streams.head(people.ada)
        for (const [n, each] of plan.entries()) {
          const room = rooms[n % 2] ?? ''
          if (each === 'say') await say(room)
          if (each === 'in') await put(room, 'bob')
          if (each === 'out') await putOut(room, 'bob').catch(() => undefined)
        }
        const { said } = await page(people.bob, from)
        expect((await pages(people.bob, from, count)).flat()).toEqual(said)
      }),
      { numRuns: 25 },
    )
  })

  it('tells of a cursor that is no place of this log to begin anew, from the head on', async () => {
    const room = await group()
    await say(room)
    const head = await world.streams.head(people.ada)
    const elsewhere = (await world.people()).ada
    await world.conversations.create(elsewhere, { kind: 'GROUP' })
    const strange: readonly Cursor[] = [
      { position: head.position, mark: head.mark ^ 1n },
      { position: head.position + 1, mark: head.mark },
      { position: 0, mark: 0n },
      { position: Number.MAX_SAFE_INTEGER, mark: -(2n ** 63n) },
      await world.streams.head(elsewhere),
    ]
    for (const cursor of strange) {
      const { items, hasNextPage } = await world.streams.events(people.ada, cursor, 100)
      expect(items).toEqual([{ type: 'ResyncRequired', position: head, reason: expect.any(String) }])
      expect(hasNextPage).toBe(false)
    }
    expect((await page(people.ada, head)).said).toEqual(['CaughtUp 2'])
  })

  it('passes a long stretch that was not the viewer’s', async () => {
    const room = await group()
    await Promise.all(countTo(5_010).map(() => say(room)))
    await put(room, 'bob')
    expect((await page(people.bob, start)).said).toEqual(['MemberJoined 5012', 'CaughtUp 5012'])
    expect((await page(people.eve, start)).said).toEqual(['CaughtUp 5012'])
  })

  describe('live', () => {
    async function listen(viewer: Viewer, after: Cursor | null, conversationId?: string) {
      const live = listening(viewer)
      const shown = {
        ...live,
        selection: {
          key: 'words',
          render: (item: StreamItem) => ({ json: JSON.stringify({ said: word(item) }), position: null }),
        },
      }
      await (conversationId === undefined
        ? world.streams.openInbox(viewer, after, shown)
        : world.streams.openConversation(viewer, conversationId, after, shown))
      return { ends: live.ends, said: () => live.items.map(({ said }) => said) }
    }

    it('says the same from a cursor on, then what happens', async () => {
      const room = await group('bob')
      await say(room)
      const live = await listen(people.bob, start)
      const caughtUp = ['ConversationCreated 1', 'MessageSent 2', 'CaughtUp 2']
      await expect.poll(live.said).toEqual(caughtUp)
      await say(room)
      await putOut(room, 'bob')
      await say(room)
      await expect.poll(live.said).toEqual([...caughtUp, 'MessageSent 3', 'MemberLeft 4', 'AccessRevoked 4'])
      const missed = ['MessageSent 3', 'MemberLeft 4', 'AccessRevoked 4', 'CaughtUp 5']
      expect((await page(people.bob, start)).said).toEqual([...caughtUp.slice(0, 2), ...missed])
    })

    it('of one conversation ends with the membership', async () => {
      const room = await group('bob')
      const live = await listen(people.bob, null, room)
      await expect.poll(live.said).toEqual(['CaughtUp 1'])
      await say(await group('bob'))
      await putOut(room, 'bob')
      await expect.poll(live.said).toEqual(['CaughtUp 1', 'MemberLeft 4', 'AccessRevoked 4'])
      await expect.poll(() => live.ends).toEqual([undefined])
    })

    it('of one conversation is for members', async () => {
      const room = await group('bob')
      const open = (await world.conversations.create(people.ada, { kind: 'PUBLIC' })).thing.id
      await expect(listen(people.eve, null, open)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      const elsewhere = (await world.people()).ada
      const attempts = [
        [people.eve, room],
        [elsewhere, room],
        [elsewhere, open],
        [people.ada, newId()],
        [people.ada, 'rubbish'],
        [people.ada, 'a\0'],
      ] as const
      const told = await Promise.all(
        attempts.map(([viewer, id]) => listen(viewer, null, id).catch((error: unknown) => error)),
      )
      for (const each of told) expect(each).toEqual(told[0])
      expect(told[0]).toMatchObject({ name: 'RequestError', code: 'NOT_FOUND' })
    })
  })
})
