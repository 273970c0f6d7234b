import {
  executeSubscriptionEvent,
  parse,
  type ValidatedSubscriptionArgs,
  validate,
  validateSubscriptionArgs,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import type { StreamItem } from '../../../src/domain/event.ts'
import { type Context, StreamContext } from '../../../src/graphql/context.ts'
import { createPlans, type Response } from '../../../src/graphql/execution/plan.ts'
import { createLoaders } from '../../../src/graphql/loaders.ts'
import { primeMade } from '../../../src/graphql/resolvers/stream.ts'
import { createSchema } from '../../../src/graphql/schema.ts'
import type { Services } from '../../../src/services/services.ts'
import type { MemberKey, Store, TenantStore } from '../../../src/store/store.ts'
import { alice, conversation, cursor, event, generous, member, message, sent, strict } from '../engine-fixture.ts'

const schema = createSchema(generous)
const plans = createPlans(schema, false)

function subscription(source: string, variableValues: Record<string, unknown> = {}): ValidatedSubscriptionArgs {
  const document = parse(source)
  expect(validate(schema, document)).toEqual([])
  const validated = validateSubscriptionArgs({ schema, document, variableValues })
  if (!('schema' in validated)) throw new Error(validated.map(error => error.message).join())
  return validated
}

type Tenant = { readonly [Part in keyof TenantStore]?: Partial<TenantStore[Part]> }

/** A context of its own for each execution: what one loads is not there for the next. */
function contextOf(item: StreamItem, tenant: Tenant = {}): Context {
  const rows = strict<TenantStore>({
    id: 'acme',
    users: {
      byIds: async (ids: readonly string[]) => ids.map(id => ({ id, name: id.toUpperCase(), avatarUrl: null })),
    },
    conversations: { byIds: async (ids: readonly string[]) => ids.map(id => conversation({ id })) },
    messages: { byIds: async (ids: readonly string[]) => ids.map(id => message({ id })) },
    members: {
      byKeys: async (keys: readonly MemberKey[]) => keys.map(key => member(key)),
      unreadCounts: async (keys: readonly MemberKey[]) => keys.map(() => 3),
    },
    ...tenant,
  })
  const loaders = createLoaders(rows)
  primeMade(item, loaders)
  const store = strict<Store>({ tenant: () => rows })
  const sources = { services: strict<Services>({}), store, maxAnswerLength: 10_000, limitsOf: async () => [] }
  return new StreamContext(sources, 'acme', loaders, alice)
}

/** What the plan of a subscription gives for an item. */
function execute(args: ValidatedSubscriptionArgs, item: StreamItem, context: Context): Response | Promise<Response> {
  return plans(args.document, args.operation).execute(args.variableValues, item, context)
}

const ITEMS: readonly StreamItem[] = [
  sent(),
  sent(message({ mentions: ['bob', 'alice'], replyToId: 'm1', metadata: { a: [1, null, { ['__proto__']: 'x' }] } })),
  sent(message({ content: null, deletedAt: new Date(0), metadata: null })),
  event('MessageEdited', { messageId: 'm4', version: 2 }),
  event('MemberLeft', { userId: 'bob' }, { actorId: null }),
  event('ConversationCreated', { memberIds: ['alice', 'bob'] }),
  { type: 'CaughtUp', position: cursor(3) },
  { type: 'ResyncRequired', position: cursor(3), reason: 'because "so"\n' },
  { type: 'AccessRevoked', position: cursor(3), conversationId: 'c1', reason: 'left' },
]

interface Case {
  readonly name: string
  readonly source: string
  readonly variables?: Record<string, unknown>
}

const CASES: readonly Case[] = [
  { name: 'plain fields', source: 'subscription { inbox { __typename position } }' },
  {
    name: 'aliases, names of prototypes among them',
    source: 'subscription { __proto__: inbox { constructor: position toString: __typename __proto__: __typename } }',
  },
  {
    name: 'one field twice, its selections merged',
    source:
      'subscription { inbox { ... on MessageSent { message { id } message { content id } m: message { seq } } } }',
  },
  {
    name: 'leaves of every kind',
    source:
      'subscription { inbox { ... on MessageSent { at seq message { createdAt seq version content metadata mentions { id } editedAt clientMessageId } } } }',
  },
  {
    name: 'what has to be read',
    source:
      'subscription { inbox { ... on ConversationEvent { actor { id name avatarUrl } conversation { title memberCount createdBy { name } } } ... on MessageSent { message { mentions { name } replyTo { content sender { name } } } } } }',
  },
  {
    name: 'what the viewer sees',
    source:
      'subscription { inbox { ... on ConversationEvent { conversation { unreadCount viewerMembership { role user { name } } } } } }',
  },
  {
    name: 'nested fragments',
    source:
      'subscription { inbox { ...A ...B } } fragment A on StreamEvent { ... on ConversationEvent { ...C } position } fragment B on ConversationEvent { ...C at } fragment C on ConversationEvent { conversation { id title } }',
  },
  {
    name: 'fragments without a condition, in fragments that do not apply',
    source:
      'subscription { inbox { ... { position } ... on MemberLeft { ... { user { name } } } ... on MessageSent { ... on ConversationEvent { seq } } } }',
  },
  {
    name: 'skipped and included',
    source:
      'subscription ($yes: Boolean!, $no: Boolean!) { inbox { position @skip(if: $yes) __typename @include(if: $yes) ...A @include(if: $no) ... on ConversationEvent @skip(if: $no) { seq at @include(if: false) } } } fragment A on ConversationEvent { conversation { id } }',
    variables: { yes: true, no: false },
  },
  {
    name: 'a fragment that is left out once and used once',
    source:
      'subscription ($no: Boolean!) { inbox { ...A @include(if: $no) ...A } } fragment A on ConversationEvent { seq }',
    variables: { no: false },
  },
  {
    name: 'a field of a conversation',
    source:
      'subscription ($id: ID!) { conversationEvents(conversationId: $id) { __typename ... on MemberLeft { user { id } } } }',
    variables: { id: 'c1' },
  },
]

describe('a compiled subscription', () => {
  test.each(CASES)('shows what graphql executes: $name', async ({ source, variables }) => {
    const args = subscription(source, variables)
    for (const item of ITEMS) {
      const expected = await executeSubscriptionEvent({ ...args, rootValue: item, contextValue: contextOf(item) })
      expect(expected.errors).toBeUndefined()
      expect(JSON.stringify(await execute(args, item, contextOf(item)))).toBe(JSON.stringify(expected))
      expect(JSON.stringify(await execute(args, item, contextOf(item)))).toBe(JSON.stringify(expected))
    }
  })

  test('is synchronous where nothing has to be read', () => {
    const args = subscription('subscription { inbox { ... on MessageSent { actor { name } message { content } } } }')
    expect(execute(args, sent(), contextOf(sent()))).toEqual({
      data: { inbox: { actor: { name: 'Bob' }, message: { content: 'hello' } } },
    })
  })

  const failing: readonly (readonly [string, string, Tenant])[] = [
    ['a read that fails', '{ actor { name } }', { users: { byIds: () => Promise.reject(new Error('no')) } }],
    ['a thing that is not there', '{ conversation { id } }', { conversations: { byIds: async () => [undefined] } }],
    [
      'many that fail at once',
      '{ actor { name } conversation { id createdBy { name } } }',
      {
        users: { byIds: () => Promise.reject(new Error('no')) },
        conversations: { byIds: () => Promise.reject(new Error('no')) },
      },
    ],
  ]

  test.each(failing)('fails as graphql does by %s, and nothing of it is left unheard', async (_, fields, tenant) => {
    const args = subscription(`subscription { inbox { ... on ConversationEvent ${fields} } }`)
    const item = event('MemberLeft', { userId: 'bob' })
    const expected = await executeSubscriptionEvent({ ...args, rootValue: item, contextValue: contextOf(item, tenant) })
    const response = await execute(args, item, contextOf(item, tenant))
    expect(response.errors).not.toHaveLength(0)
    expect(JSON.stringify(response)).toBe(JSON.stringify(expected))
    await new Promise(resolve => setImmediate(resolve))
  })

  test('fails where a field throws at once beside one that fails later', async () => {
    const args = subscription('subscription { inbox { ... on MessageSent { actor { name } message { id } } } }')
    const broken = event('MessageSent', {})
    const tenant = { users: { byIds: () => Promise.reject(new Error('later')) } }
    const { data, errors } = await execute(args, broken, contextOf(broken, tenant))
    expect({ data, errors }).toMatchObject({
      data: null,
      errors: [{ message: expect.stringContaining('names no message') }],
    })
    await new Promise(resolve => setImmediate(resolve))
  })

  test('says no more than its context allows', async () => {
    const args = subscription('subscription { inbox { ... on MessageSent { message { content again: content } } } }')
    const item = sent(message({ content: 'x'.repeat(6_000) }))
    const { errors } = await execute(args, item, contextOf(item))
    expect(errors?.map(error => error.originalError)).toMatchObject([{ code: 'OPERATION_TOO_COMPLEX' }])
  })
})
