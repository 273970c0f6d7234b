import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RequestError } from '../../src/domain/errors.ts'
import type { Page, PageRequest } from '../../src/domain/page.ts'
import type { ConversationRecord } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { backward, forward, openWorld, type World } from '../support/world.ts'

describe('lists of conversations', () => {
  let world: World
  let ada: Viewer
  let bob: Viewer
  let eve: Viewer
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const people = await world.people()
    ;[ada, bob, eve] = [people.ada, people.bob, people.eve]
  })

  /** Named `titles`, in that order of age. */
  async function rooms(kind: 'GROUP' | 'PUBLIC', titles: string): Promise<readonly string[]> {
    const ids: string[] = []
    for (const title of titles) {
      ids.push((await world.conversations.create(ada, { kind, title, memberIds: ['bob'] })).thing.id)
    }
    return ids
  }
  const shown = (page: Page<ConversationRecord>) => ({
    titles: page.items.map(({ title }) => title).join(''),
    next: page.hasNextPage,
    previous: page.hasPreviousPage,
  })

  describe.each([
    {
      name: 'the viewer’s',
      kind: 'GROUP' as const,
      read: (page: PageRequest) => world.conversations.list(ada, page),
      keyOf: (each: ConversationRecord | undefined) => [each?.lastPosition ?? 0, each?.id ?? ''],
    },
    {
      name: 'the public ones',
      kind: 'PUBLIC' as const,
      read: (page: PageRequest) => world.conversations.listPublic(eve, page),
      keyOf: (each: ConversationRecord | undefined) => [each?.id ?? ''],
    },
  ])('$name', ({ kind, read, keyOf }) => {
    it('are read forward in pages, newest first', async () => {
      await rooms(kind, 'edcba')
      const first = await read(forward(2))
      expect(shown(first)).toEqual({ titles: 'ab', next: true, previous: false })
      const second = await read(forward(2, keyOf(first.items.at(-1))))
      expect(shown(second)).toEqual({ titles: 'cd', next: true, previous: true })
      const third = await read(forward(2, keyOf(second.items.at(-1))))
      expect(shown(third)).toEqual({ titles: 'e', next: false, previous: true })
      expect(shown(await read(forward(5)))).toEqual({ titles: 'abcde', next: false, previous: false })
    })

    it('are read backward in the same order', async () => {
      await rooms(kind, 'edcba')
      const last = await read(backward(2))
      expect(shown(last)).toEqual({ titles: 'de', next: false, previous: true })
      const before = await read(backward(2, keyOf(last.items[0])))
      expect(shown(before)).toEqual({ titles: 'bc', next: true, previous: true })
      expect(shown(await read(backward(2, keyOf(before.items[0]))))).toEqual({
        titles: 'a',
        next: true,
        previous: false,
      })
    })

    it('are read empty, and in pages of none', async () => {
      expect(shown(await read(forward(2)))).toEqual({ titles: '', next: false, previous: false })
      await rooms(kind, 'a')
      expect(shown(await read(forward(0)))).toEqual({ titles: '', next: true, previous: false })
    })

    it('refuse a cursor that is none of theirs', async () => {
      const [id = ''] = await rooms(kind, 'a')
      const strange = [[], [1], ['a'], [id, 1], [-1, id], [1.5, id], [1, id, 1], [1, 'a\0'], [Number.NaN, id], ['', '']]
      for (const cursor of strange) {
        for (const page of [forward(2, cursor), backward(2, cursor)]) {
          const refusal = await read(page).catch((error: unknown) => error)
          expect(refusal).toBeInstanceOf(RequestError)
          expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT' })
        }
      }
    })
  })

  it('move what was last active to the front', async () => {
    const [first = '', second = ''] = await rooms('GROUP', 'ab')
    await world.messages.send(bob, { conversationId: first, content: 'hi', clientMessageId: '1' })
    expect(shown(await world.conversations.list(ada, forward()))).toMatchObject({ titles: 'ab' })
    await world.conversations.update(ada, { conversationId: second, metadata: 1 })
    expect(shown(await world.conversations.list(bob, forward()))).toMatchObject({ titles: 'ba' })
  })

  it('bring the last message of each, as it is now, and who sent it', async () => {
    const [quiet = '', said = '', deleted = ''] = await rooms('GROUP', 'qsd')
    const send = async (conversationId: string, key: string) =>
      (await world.messages.send(bob, { conversationId, content: `of ${key}`, clientMessageId: key })).thing
    await send(said, 'earlier')
    const message = await send(said, 'last')
    const gone = await send(deleted, 'gone')
    await world.messages.remove(bob, { messageId: gone.id })
    const { items } = await world.conversations.list(ada, forward(3))
    const sender = { id: 'bob', name: bob.name }
    const lasts = Object.fromEntries(items.map(({ id, last }) => [id, last]))
    expect(lasts).toMatchObject({
      [quiet]: null,
      [said]: { message, sender },
      [deleted]: { message: { id: gone.id, content: null }, sender },
    })
    expect(items.map(({ membership }) => membership)).toMatchObject(
      [1, 2, 3].map(() => ({ userId: 'ada', role: 'OWNER' })),
    )
  })

  it('hold what the viewer is in, archived or not, and nothing that was left', async () => {
    const [left = '', archived = ''] = await rooms('GROUP', 'ab')
    await world.members.leave(bob, { conversationId: left })
    await world.conversations.archive(ada, { conversationId: archived, archived: true })
    const { items } = await world.conversations.list(bob, forward())
    expect(items).toMatchObject([{ id: archived, membership: { userId: 'bob', role: 'MEMBER' } }])
    expect((await world.conversations.list(eve, forward())).items).toEqual([])
  })

  it('show the public ones to everyone of the tenant, each with what the viewer is in it', async () => {
    await rooms('PUBLIC', 'a')
    await rooms('GROUP', 'b')
    const stranger = (await world.people()).eve
    const seenBy = async (viewer: Viewer) => (await world.conversations.listPublic(viewer, forward())).items
    expect(await seenBy(ada)).toMatchObject([{ title: 'a', membership: { role: 'OWNER' } }])
    expect(await seenBy(eve)).toMatchObject([{ title: 'a', memberCount: 2, membership: null }])
    expect(await seenBy(stranger)).toEqual([])
  })

  describe('by ids', () => {
    it('answer in the order of the ids, with nothing for what the viewer may not see', async () => {
      const [group = ''] = await rooms('GROUP', 'a')
      const [open = ''] = await rooms('PUBLIC', 'b')
      const ids = [open, 'rubbish', group, '', open, 'a\0', '\ud800', group.toUpperCase()]
      const titlesFor = async (viewer: Viewer) =>
        (await world.conversations.byIds(viewer, ids)).map(found => found?.title)
      const none = undefined
      expect(await titlesFor(ada)).toEqual(['b', none, 'a', none, 'b', none, none, none])
      expect(await titlesFor(eve)).toEqual(['b', none, none, none, 'b', none, none, none])
      expect(await titlesFor((await world.people()).ada)).toEqual(ids.map(() => none))
      expect(await world.conversations.byIds(ada, [])).toEqual([])
    })

    it('show a public one to a non-member as one who is nothing in it', async () => {
      const [open = ''] = await rooms('PUBLIC', 'a')
      expect(await world.conversations.byIds(eve, [open])).toMatchObject([{ id: open, membership: null }])
      await world.members.join(eve, { conversationId: open })
      expect(await world.conversations.byIds(eve, [open])).toMatchObject([{ membership: { userId: 'eve' } }])
    })
  })
})
