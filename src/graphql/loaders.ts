import DataLoader from 'dataloader'
import type { ConversationRecord, MemberRecord, MessageRecord, UserRecord } from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { SeenConversation, Services } from '../services/services.ts'
import type { MemberKey, TenantStore } from '../store/store.ts'

/**
 * Values by key, read in batches and kept. What is known already is given back as it is, not as a promise, so that an execution which needs nothing
 * else stays synchronous.
 */
export interface Loader<Key, Value> {
  load(key: Key): Value | Promise<Value>
  prime(key: Key, value: Value): void
}

/** A tenant's rows, whoever may see them: for what was authorised already. */
export interface Loaders {
  readonly users: Loader<string, UserRecord | undefined>
  readonly conversations: Loader<string, ConversationRecord | undefined>
  readonly messages: Loader<string, MessageRecord | undefined>
  readonly members: Loader<MemberKey, MemberRecord | undefined>
  readonly unreadCounts: Loader<MemberRecord, number>
}

/** What one viewer may see, now. */
export interface SeenLoaders {
  readonly conversations: Loader<string, SeenConversation | undefined>
  readonly messages: Loader<string, MessageRecord | undefined>
}

/** The most keys that one read names. */
const MAX_BATCH = 500

/** Every execution has its own, and needs one loader or two: each is made when it is first asked for. */
class TenantLoaders implements Loaders {
  readonly #tenant: TenantStore
  #users: Loaders['users'] | undefined
  #conversations: Loaders['conversations'] | undefined
  #messages: Loaders['messages'] | undefined
  #members: Loaders['members'] | undefined
  #unreadCounts: Loaders['unreadCounts'] | undefined

  constructor(tenant: TenantStore) {
    this.#tenant = tenant
  }

  get users() {
    this.#users ??= createLoader(ids => this.#tenant.users.byIds(ids), identity)
    return this.#users
  }

  get conversations() {
    this.#conversations ??= createLoader(ids => this.#tenant.conversations.byIds(ids), identity)
    return this.#conversations
  }

  get messages() {
    this.#messages ??= createLoader(ids => this.#tenant.messages.byIds(ids), identity)
    return this.#messages
  }

  get members() {
    this.#members ??= createLoader(keys => this.#tenant.members.byKeys(keys), nameOfMember)
    return this.#members
  }

  get unreadCounts() {
    this.#unreadCounts ??= createLoader<MemberRecord, number>(
      members => this.#tenant.members.unreadCounts(members),
      nameOfReader,
    )
    return this.#unreadCounts
  }
}

export function createLoaders(tenant: TenantStore): Loaders {
  return new TenantLoaders(tenant)
}

export function createSeenLoaders(services: Services, viewer: Viewer): SeenLoaders {
  return {
    conversations: createLoader(ids => services.conversations.byIds(viewer, ids), identity),
    messages: createLoader(ids => services.messages.byIds(viewer, ids), identity),
  }
}

/** `nameOf` tells keys apart. `read` answers in the order of the keys. */
export function createLoader<Key, Value>(
  read: (keys: readonly Key[]) => Promise<readonly Value[]>,
  nameOf: (key: Key) => string,
): Loader<Key, Value> {
  const known = new Map<string, Value>()
  let reader: DataLoader<Key, Value, string> | undefined
  const remember = (key: Key, value: Value) => {
    known.set(nameOf(key), value)
    return value
  }
  return {
    load(key) {
      const name = nameOf(key)
      const value = known.get(name)
      if (value !== undefined || known.has(name)) return value as Value
      reader ??= new DataLoader(read, { cacheKeyFn: nameOf, maxBatchSize: MAX_BATCH })
      return reader.load(key).then(found => remember(key, found))
    },
    prime(key, value) {
      remember(key, value)
    },
  }
}

function identity(id: string): string {
  return id
}

function nameOfMember(key: MemberKey): string {
  return JSON.stringify([key.conversationId, key.userId])
}

/** A member who has read on meanwhile is another. */
function nameOfReader({ conversationId, userId, lastReadSeq }: MemberRecord): string {
  return JSON.stringify([conversationId, userId, lastReadSeq])
}
