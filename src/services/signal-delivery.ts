import type { SignalRecord } from '../domain/records.ts'
import type { Store } from '../store/store.ts'
import type { RoomName, Streams } from '../stream/streams.ts'
import { everyMember } from './every-member.ts'

/** How many signals of a tenant wait for a look at the members; beyond, new ones are not delivered to those who listen to all of theirs. */
const WAITING_MAX = 256
/** Up to this many possible receivers are looked up by name; of more, the conversation's members are read instead. */
const NAMED_MAX = 100

export const ofConversation = (conversationId: string): RoomName => ['signals', 'conversation', conversationId]
export const ofUser = (userId: string): RoomName => ['signals', 'user', userId]

/**
 * Brings a signal to the rooms of this node. A conversation's room loses who is removed; of those who listen to all of theirs, each is looked up
 * when the signal comes, one signal of a tenant after the other, so that none overtakes another. Where the members cannot be read the signal is
 * lost to them: it is never stored.
 */
export function createSignalDelivery({ store, streams }: { readonly store: Store; readonly streams: Streams }) {
  /** How many subscriptions to all of theirs each user has here. */
  const listening = new Map<string, Map<string, number>>()
  const queues = new Map<string, SignalRecord[]>()

  async function work(tenantId: string, queue: SignalRecord[]): Promise<void> {
    for (let signal = queue[0]; signal !== undefined; signal = queue[0]) {
      const userIds = await receivers(tenantId, signal).catch(() => [])
      for (const userId of userIds) streams.tenant(tenantId).publish(ofUser(userId), signal)
      queue.shift()
    }
    queues.delete(tenantId)
  }

  /** The members who listen here and whom the signal is for. */
  async function receivers(tenantId: string, signal: SignalRecord): Promise<readonly string[]> {
    const { conversationId } = signal
    const candidates = [...(listening.get(tenantId)?.keys() ?? [])].filter(userId => isFor(signal, userId))
    if (candidates.length === 0) return []
    const tenant = store.tenant(tenantId)
    if (candidates.length > NAMED_MAX) {
      const wanted = new Set(candidates)
      const members = await everyMember(tenant, conversationId)
      return members.flatMap(({ userId }) => (wanted.has(userId) ? userId : []))
    }
    const found = await tenant.members.byKeys(candidates.map(userId => ({ conversationId, userId })))
    return found.flatMap(each => each?.userId ?? [])
  }

  return {
    deliver(tenantId: string, signal: SignalRecord): void {
      streams.tenant(tenantId).publish(ofConversation(signal.conversationId), signal)
      if (!listening.has(tenantId)) return
      const queue = queues.get(tenantId)
      if (queue === undefined) {
        const first = [signal]
        queues.set(tenantId, first)
        void work(tenantId, first)
      } else if (queue.length < WAITING_MAX) queue.push(signal)
    },
    /** The user listens to all of theirs, until the returned function is called. */
    enter(tenantId: string, userId: string): () => void {
      const users = listening.get(tenantId) ?? new Map<string, number>()
      listening.set(tenantId, users.set(userId, (users.get(userId) ?? 0) + 1))
      return () => {
        const left = (users.get(userId) ?? 1) - 1
        if (left > 0) users.set(userId, left)
        else users.delete(userId)
        if (users.size === 0 && listening.get(tenantId) === users) listening.delete(tenantId)
      }
    },
  }
}

/** Never for its own sender, on whatever device. */
export function isFor(signal: SignalRecord, userId: string): boolean {
  return signal.fromId !== userId && (signal.toUserId === null || signal.toUserId === userId)
}
