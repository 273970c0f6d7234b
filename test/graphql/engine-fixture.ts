import type { GraphQLError } from 'graphql'
import type { CommittedEvent, EventItem, EventKind, EventRefs, StreamItem } from '../../src/domain/event.ts'
import type { Cursor } from '../../src/domain/position.ts'
import type { ConversationRecord, MemberRecord, MessageRecord } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { type Admitted, createEngine, type Engine, type EngineOptions } from '../../src/graphql/engine.ts'
import type { Decision, Limiter } from '../../src/limits/limiter.ts'
import type { Logger } from '../../src/observe/logger.ts'
import type { Services } from '../../src/services/services.ts'
import type { Store, TenantStore } from '../../src/store/store.ts'

/** What a test says of a port; whatever else is called fails the test. */
type Partly<Port> = { readonly [Part in keyof Port]?: Partial<Port[Part]> }

export interface FakeEngine {
  readonly engine: Engine
  /** What was logged as an error, the newest last. */
  readonly logged: readonly object[]
}

export const alice: Viewer = {
  tenantId: 'acme',
  userId: 'alice',
  name: 'Alice',
  avatarUrl: null,
  roles: [],
  expiresAt: 0,
  issuedAt: null,
  tokenId: null,
}
export const bob: Viewer = { ...alice, userId: 'bob', name: 'Bob' }

const FULL: Decision = { allowed: true, limit: 10, remaining: 9, retryAfterMs: 0 }

export const generous: Limiter = { take: () => FULL, peek: () => FULL, close: async () => {} }

export function fakeEngine(
  services: Partly<Services> = {},
  tenant: Partly<TenantStore> = {},
  options: Partial<Pick<EngineOptions, 'limiter' | 'limits' | 'production'>> = {},
): FakeEngine {
  const logged: object[] = []
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: fields => logged.push(fields) }
  const store: Partial<Store> = { tenant: () => strict<TenantStore>(tenant) }
  const engine = createEngine({
    services: strict<Services>(services),
    store: strict<Store>(store),
    limiter: generous,
    production: false,
    logger,
    ...options,
  })
  return { engine, logged }
}

/** Admits and runs; a refused request is a failure of the test. */
export async function run(engine: Engine, query: string, variables: Record<string, unknown> = {}, viewer = alice) {
  const result = await engine.execute(admitted(engine, query, variables), { viewer, session: null })
  return plain(result)
}

export function admitted(engine: Engine, query: string, variables: Record<string, unknown> = {}): Admitted {
  const result = engine.admit({ query, variables })
  if ('document' in result) return result
  throw new Error(`refused: ${result.map(error => error.message).join()}`)
}

/** The errors of a request that is to be refused. */
export function refused(
  engine: Engine,
  query: string,
  variables: Record<string, unknown> = {},
): readonly GraphQLError[] {
  const result = engine.admit({ query, variables })
  if ('document' in result) throw new Error('The request was admitted.')
  return result
}

/** As a client gets it. */
export function plain(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>
}

export function codes(errors: readonly GraphQLError[]): unknown[] {
  return errors.map(error => error.extensions['code'])
}

const AT = new Date('2026-01-02T03:04:05.678Z')

export function cursor(position: number): Cursor {
  return { position, mark: 7n }
}

export function conversation(more: Partial<ConversationRecord> = {}): ConversationRecord {
  return {
    id: 'c1',
    kind: 'GROUP',
    title: 'Tea',
    metadata: { secret: true },
    memberCount: 2,
    createdBy: 'bob',
    createdAt: AT,
    archivedAt: null,
    lastSeq: 9,
    lastPosition: 90,
    lastMessageId: 'm9',
    head: cursor(100),
    ...more,
  }
}

export function member(more: Partial<MemberRecord> = {}): MemberRecord {
  return {
    conversationId: 'c1',
    userId: 'alice',
    role: 'ADMIN',
    joinedAt: AT,
    fromPosition: 1,
    lastDeliveredSeq: 0,
    lastDeliveredAt: null,
    lastDeliveredMessageId: null,
    lastReadSeq: 0,
    lastReadAt: null,
    lastReadMessageId: null,
    ...more,
  }
}

export function message(more: Partial<MessageRecord> = {}): MessageRecord {
  return {
    id: 'm4',
    conversationId: 'c1',
    seq: 4,
    position: 40,
    senderId: 'bob',
    content: 'hello',
    metadata: null,
    mentions: [],
    replyToId: null,
    version: 1,
    clientMessageId: 'k4',
    createdAt: AT,
    editedAt: null,
    deletedAt: null,
    ...more,
  }
}

/** What a durable stream says of event 4 of the conversation. */
export function event(kind: EventKind, refs: EventRefs, more: Partial<CommittedEvent> = {}): EventItem {
  const at = cursor(40)
  return {
    type: 'event',
    position: at,
    event: { ...at, conversationId: 'c1', seq: 4, kind, actorId: 'bob', refs, at: AT, ...more },
  }
}

export function sent(record: MessageRecord = message()): StreamItem {
  return event(
    'MessageSent',
    { messageId: record.id, version: record.version },
    { made: () => ({ message: record, sender: { id: record.senderId, name: 'Bob', avatarUrl: null } }) },
  )
}

/** A port of which a test says only a part: whatever else is called fails the test. */
export function strict<Port extends object>(parts: object): Port {
  const proxy: unknown = new Proxy(parts, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      if (part === undefined && typeof name === 'string') throw new Error(`The test did not expect ${name}.`)
      return typeof part === 'object' && part !== null ? strict(part) : part
    },
  })
  return proxy as Port
}
