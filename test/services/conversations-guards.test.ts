import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RefusalCode } from '../../src/domain/errors.ts'
import type { MemberRole } from '../../src/domain/records.ts'
import type { Services } from '../../src/services/services.ts'
import { openWorld, toldBy, type World } from '../support/world.ts'

type Room = Awaited<ReturnType<typeof openRoom>>

/** Ada and bob own it, cyd is its admin, dan a member who said something; eve is outside. */
async function openRoom(world: World) {
  const people = await world.people()
  const { ada, dan } = people
  const input = { kind: 'PUBLIC', memberIds: ['bob', 'cyd', 'dan'] } as const
  const conversationId = (await world.conversations.create(ada, input)).thing.id
  const role = (userId: string, to: MemberRole) => world.members.update(ada, { conversationId, userId, role: to })
  await role('bob', 'OWNER')
  await role('cyd', 'ADMIN')
  const said = (n: string) => ({ conversationId, content: `hi ${n}`, clientMessageId: n })
  const messageId = (await world.messages.send(dan, said('1'))).thing.id
  const laterId = (await world.messages.send(ada, said('2'))).thing.id
  return {
    ...people,
    conversationId,
    messageId,
    laterId,
    role,
    putOut: (userId: string) => world.members.remove(ada, { conversationId, userId }),
    bringIn: (userId: string) => world.members.add(ada, { conversationId, userIds: [userId] }),
    archive: () => world.conversations.archive(ada, { conversationId, archived: true }),
    edit: () => world.messages.edit(dan, { messageId, content: 'first' }),
    remove: () => world.messages.remove(dan, { messageId }),
  }
}

type Call = (services: Services, room: Room) => Promise<unknown>
type Happening = (room: Room) => Promise<unknown>

const add: Call = ({ members }, { cyd, conversationId }) => members.add(cyd, { conversationId, userIds: ['eve'] })
const remove: Call = ({ members }, { cyd, conversationId }) => members.remove(cyd, { conversationId, userId: 'dan' })
const leave: Call = ({ members }, { bob, conversationId }) => members.leave(bob, { conversationId })
const join: Call = ({ members }, { eve, conversationId }) => members.join(eve, { conversationId })
const appoint: Call = ({ members }, { bob, conversationId }) =>
  members.update(bob, { conversationId, userId: 'dan', role: 'ADMIN' })
const stepDown: Call = ({ members }, { bob, conversationId }) =>
  members.update(bob, { conversationId, userId: 'bob', role: 'MEMBER' })
const rename: Call = ({ conversations }, { cyd, conversationId }) =>
  conversations.update(cyd, { conversationId, title: 'Mine' })
const archive: Call = ({ conversations }, { cyd, conversationId }) =>
  conversations.archive(cyd, { conversationId, archived: true })
const send: Call = ({ messages }, { dan, conversationId, laterId }) =>
  messages.send(dan, { conversationId, content: 'hi', clientMessageId: '3', replyToId: laterId, mentions: ['cyd'] })
const edit: Call = ({ messages }, { dan, messageId }) => messages.edit(dan, { messageId, content: 'second' })
const editFirst: Call = ({ messages }, { dan, messageId }) =>
  messages.edit(dan, { messageId, content: 'second', expectedVersion: 1 })
const erase: Call = ({ messages }, { cyd, messageId }) => messages.remove(cyd, { messageId })
const read: Call = ({ receipts }, { cyd, messageId }) => receipts.markRead(cyd, { messageId })
const deliver: Call = ({ receipts }, { cyd, messageId }) => receipts.markDelivered(cyd, { messageId })
const fail: Call = ({ receipts }, { cyd, messageId }) => receipts.reportFailure(cyd, { messageId, reason: 'no key' })

const out =
  (userId: string): Happening =>
  ({ putOut }) =>
    putOut(userId)
const becomes =
  (userId: string, to: MemberRole): Happening =>
  ({ role }) =>
    role(userId, to)
const shut: Happening = room => room.archive()
const inside: Happening = ({ bringIn }) => bringIn('eve')
const edited: Happening = room => room.edit()
const erased: Happening = room => room.remove()

const refused: readonly (readonly [string, string, Call, Happening, RefusalCode, string])[] = [
  ['adding', 'is an admin no more', add, becomes('cyd', 'MEMBER'), 'FORBIDDEN', 'conversationId'],
  ['adding', 'was put out', add, out('cyd'), 'FORBIDDEN', 'conversationId'],
  ['adding', 'finds it archived', add, shut, 'ARCHIVED', 'conversationId'],
  ['removing', 'is an admin no more', remove, becomes('cyd', 'MEMBER'), 'FORBIDDEN', 'conversationId'],
  ['removing', 'finds an owner', remove, becomes('dan', 'OWNER'), 'FORBIDDEN', 'userId'],
  ['removing', 'finds nobody', remove, out('dan'), 'NOT_FOUND', 'userId'],
  ['leaving', 'was put out', leave, out('bob'), 'FORBIDDEN', 'conversationId'],
  ['joining', 'finds it archived', join, shut, 'ARCHIVED', 'conversationId'],
  ['appointing', 'is an owner no more', appoint, becomes('bob', 'ADMIN'), 'FORBIDDEN', 'conversationId'],
  ['appointing', 'finds nobody', appoint, out('dan'), 'NOT_FOUND', 'userId'],
  ['renaming', 'is an admin no more', rename, becomes('cyd', 'MEMBER'), 'FORBIDDEN', 'conversationId'],
  ['renaming', 'finds it archived', rename, shut, 'ARCHIVED', 'conversationId'],
  ['archiving', 'is an admin no more', archive, becomes('cyd', 'MEMBER'), 'FORBIDDEN', 'conversationId'],
  ['sending', 'was put out', send, out('dan'), 'FORBIDDEN', 'conversationId'],
  ['sending', 'finds it archived', send, shut, 'ARCHIVED', 'conversationId'],
  ['sending', 'mentions one who was put out', send, out('cyd'), 'NOT_FOUND', 'mentions'],
  ['editing', 'was put out', edit, out('dan'), 'NOT_FOUND', 'messageId'],
  ['editing', 'finds it archived', edit, shut, 'ARCHIVED', 'messageId'],
  ['editing', 'finds it deleted', edit, erased, 'DELETED', 'messageId'],
  ['editing a version', 'finds another', editFirst, edited, 'CONFLICT', 'expectedVersion'],
  ['deleting', 'is an admin no more', erase, becomes('cyd', 'MEMBER'), 'FORBIDDEN', 'messageId'],
  ['deleting', 'was put out', erase, out('cyd'), 'NOT_FOUND', 'messageId'],
  ['deleting', 'finds it deleted', erase, erased, 'DELETED', 'messageId'],
  ['reading', 'was put out', read, out('cyd'), 'NOT_FOUND', 'messageId'],
  ['receiving', 'was put out', deliver, out('cyd'), 'NOT_FOUND', 'messageId'],
  ['failing', 'was put out', fail, out('cyd'), 'NOT_FOUND', 'messageId'],
]

describe('one who, between decision and write,', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  it.each(refused)('in %s %s: is refused, and nothing is written', async (_, __, call, happens, code, field) => {
    const room = await openRoom(world)
    let events = 0
    const services = world.interrupted(room.ada, async () => {
      await happens(room)
      events = (await world.events(room.ada)).length
    })
    expect(await toldBy(() => call(services, room))).toMatchObject({ code, field: ['input', field] })
    expect(events).toBeGreaterThan(0)
    expect(await world.events(room.ada)).toHaveLength(events)
  })

  it.each([
    ['adding', 'finds them inside', add, inside],
    ['joining', 'is inside', join, inside],
    ['appointing', 'finds it done', appoint, becomes('dan', 'ADMIN')],
    ['archiving', 'finds it done', archive, shut],
  ] as const)('in %s %s: has nothing left to do', async (_, __, call, happens) => {
    const room = await openRoom(world)
    const before = (await world.events(room.ada)).length
    const services = world.interrupted(room.ada, () => happens(room))
    expect(await call(services, room)).toMatchObject({ position: null })
    expect(await world.events(room.ada)).toHaveLength(before + 1)
  })

  it.each([
    ['leaves', leave],
    ['steps down', stepDown],
  ] as const)('as an owner who %s is the last one by then: stays', async (_, call) => {
    const room = await openRoom(world)
    const { members } = world
    const { ada, conversationId } = room
    const services = world.interrupted(ada, () => members.leave(ada, { conversationId }))
    expect(await toldBy(() => call(services, room))).toMatchObject({ code: 'FORBIDDEN' })
    expect(await world.tenantOf(ada).members.ownerCount(conversationId)).toBe(1)
  })

  it('in editing or deleting finds another version: goes on from it', async () => {
    for (const call of [edit, erase]) {
      const room = await openRoom(world)
      const services = world.interrupted(room.ada, () => edited(room))
      expect(await call(services, room)).toMatchObject({ thing: { version: 3 } })
      expect(await world.messages.byIds(room.ada, [room.messageId])).toMatchObject([{ version: 3 }])
    }
  })

  it('in reading or receiving got further: does not go back', async () => {
    const said: string[] = []
    world.store.onCommit((_, { receipts }) => said.push(...receipts.map(({ kind }) => kind)))
    for (const call of [read, deliver, fail]) {
      said.length = 0
      const room = await openRoom(world)
      const { cyd, laterId, conversationId } = room
      const further = () => world.receipts.markRead(cyd, { messageId: laterId })
      await call(world.interrupted(cyd, further), room)
      const [member] = await world.tenantOf(cyd).members.byKeys([{ conversationId, userId: 'cyd' }])
      expect(member).toMatchObject({ lastReadMessageId: laterId, lastDeliveredMessageId: laterId })
      expect(said).toEqual(['DELIVERED', 'READ'])
    }
  })

  it('finds another state each time: is told so', async () => {
    const room = await openRoom(world)
    const { log } = world.tenantOf(room.dan)
    const { submit } = log
    const contested = world.over(async command => {
      await room.edit()
      return submit(command)
    })
    expect(await toldBy(() => edit(contested, room))).toMatchObject({ code: 'CONFLICT', field: null })
    expect((await world.messages.byIds(room.ada, [room.messageId]))[0]).toMatchObject({ content: 'first', version: 5 })
  })
})
