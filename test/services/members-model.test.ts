import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refusal } from '../../src/domain/errors.ts'
import type { EventRecord } from '../../src/domain/event.ts'
import type { MemberRole } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { countTo, forward, openWorld, type World } from '../support/world.ts'

const USERS = ['ada', 'bob', 'cyd'] as const
type User = (typeof USERS)[number]

/** One thing that a user tries, allowed or not. */
type Act =
  | { readonly type: 'join' | 'leave' | 'send' | 'edit' | 'delete' | 'read'; readonly by: User }
  | { readonly type: 'add' | 'remove'; readonly by: User; readonly whom: User }
  | { readonly type: 'role'; readonly by: User; readonly whom: User; readonly role: MemberRole }
  | { readonly type: 'archive'; readonly by: User; readonly archived: boolean }

const by = fc.constantFrom(...USERS)
const whom = fc.constantFrom(...USERS)
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constantFrom('join', 'leave'), by }),
  fc.record({ type: fc.constantFrom('send', 'edit', 'delete', 'read'), by }),
  fc.record({ type: fc.constantFrom('add', 'remove'), by, whom }),
  fc.record({ type: fc.constant('role'), by, whom, role: fc.constantFrom('OWNER', 'ADMIN', 'MEMBER') }),
  fc.record({ type: fc.constant('archive'), by, archived: fc.boolean() }),
)
/** What happens at once, after what happened before. */
const rounds = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { maxLength: 12, size: 'max' })

describe('whatever three users do, in turn and at once', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  it('the conversation, its members and its log agree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GROUP', 'PUBLIC'),
        fc.subarray([...USERS]),
        rounds,
        async (kind, memberIds, plan) => {
          const people = await world.people()
          const { thing } = await world.conversations.create(people.ada, { kind, memberIds })
          for (const round of plan) await Promise.all(round.map(each => attempt(people, thing.id, each)))
          await agree(people.ada, thing.id)
        },
      ),
      { numRuns: 100 },
    )
  })

  async function attempt(people: Readonly<Record<User, Viewer>>, conversationId: string, each: Act): Promise<void> {
    try {
      await perform(people[each.by], conversationId, each)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
  }

  async function perform(viewer: Viewer, conversationId: string, each: Act): Promise<unknown> {
    const messageId = async () => {
      const [found] = await world.tenantOf(viewer).conversations.byIds([conversationId])
      return found?.lastMessageId ?? 'none'
    }
    switch (each.type) {
      case 'join':
        return world.members.join(viewer, { conversationId })
      case 'leave':
        return world.members.leave(viewer, { conversationId })
      case 'add':
        return world.members.add(viewer, { conversationId, userIds: [each.whom] })
      case 'remove':
        return world.members.remove(viewer, { conversationId, userId: each.whom })
      case 'role':
        return world.members.update(viewer, { conversationId, userId: each.whom, role: each.role })
      case 'archive':
        return world.conversations.archive(viewer, { conversationId, archived: each.archived })
      case 'send':
        return world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: crypto.randomUUID() })
      case 'edit':
        return world.messages.edit(viewer, { messageId: await messageId(), content: 'ha' })
      case 'delete':
        return world.messages.remove(viewer, { messageId: await messageId() })
      case 'read':
        return world.receipts.markRead(viewer, { messageId: await messageId() })
    }
  }

  async function agree(viewer: Viewer, conversationId: string): Promise<void> {
    const tenant = world.tenantOf(viewer)
    const [[conversation], { items: members }, { items: messages }] = await Promise.all([
      tenant.conversations.byIds([conversationId]),
      tenant.members.ofConversation(conversationId, forward()),
      tenant.messages.ofConversation(conversationId, 1_000, forward()),
    ])
    const events = await world.events(viewer, conversationId)
    expect(events.map(({ seq }) => seq)).toEqual(countTo(events.length))
    expect(conversation).toMatchObject({
      lastSeq: events.length,
      lastPosition: events.at(-1)?.position,
      memberCount: members.length,
      lastMessageId: messages.at(-1)?.id ?? null,
    })
    expect(members.map(({ userId }) => userId)).toEqual(membersBy(events))
    if (members.length > 0) expect(members.map(({ role }) => role)).toContain('OWNER')
    for (const message of messages) {
      const own = events.filter(({ refs }) => refs.messageId === message.id)
      expect(own.map(({ refs }) => refs.version)).toEqual(countTo(message.version))
      expect(message.content === null).toBe(own.at(-1)?.kind === 'MessageDeleted')
    }
    for (const { lastDeliveredSeq, lastReadSeq } of members) {
      expect(lastReadSeq).toBeLessThanOrEqual(lastDeliveredSeq)
      expect(lastDeliveredSeq).toBeLessThanOrEqual(events.length)
    }
  }
})

/** Who is in according to the log alone, in order. Fails when someone who is in joins, or one who is out leaves. */
function membersBy(events: readonly EventRecord[]): readonly string[] {
  const inside = new Set<string>()
  for (const { kind, refs } of events) {
    if (kind === 'ConversationCreated') for (const userId of refs.memberIds ?? []) inside.add(userId)
    const userId = refs.userId ?? ''
    if (kind === 'MemberJoined') {
      expect(inside).not.toContain(userId)
      inside.add(userId)
    }
    if (kind === 'MemberLeft') {
      expect(inside).toContain(userId)
      inside.delete(userId)
    }
  }
  return [...inside].toSorted()
}
