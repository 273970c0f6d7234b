import { z } from 'zod'
import type { PresenceRecord, PresenceStatus } from '../../domain/records.ts'

/** A change to announce, or a record that was asked for. */
export interface ToldRecord {
  readonly tenantId: string
  readonly record: PresenceRecord
  /** Larger than that of every earlier change of the user; null for a record that was asked for. */
  readonly order: number | null
}

/** What a node should know of a user with a connection on it. */
export interface News {
  readonly user: string
  readonly tenantId: string
  readonly userId: string
  readonly choice: PresenceStatus
  readonly statusText: string | null
  /** How long ago that was chosen; null: never. */
  readonly chosenAgeMs: number | null
  /** How long ago they were last active on that node; null without an open connection there. */
  readonly activeAgeMs: number | null
}

export interface Reply {
  /** Whether Redis knows the node's lease. Nothing was done if not. */
  readonly known: boolean
  /** A beat left something undone. */
  readonly more: boolean
  readonly changes: readonly ToldRecord[]
  readonly news: readonly News[]
  readonly records: readonly ToldRecord[]
}

const status = z.enum(['ONLINE', 'AWAY', 'OFFLINE'])
const yes = z.number().transform(number => number === 1)
const ids = z.tuple([z.string(), z.string()])

const told = z
  .tuple([z.string(), status, z.string().nullable(), z.number().nullable(), z.number().nullable()])
  .transform(([user, shown, statusText, seen, order]): ToldRecord => {
    const [tenantId, userId] = idsOf(user)
    return {
      tenantId,
      record: { userId, status: shown, statusText, lastSeenAt: seen === null ? null : new Date(seen) },
      order,
    }
  })

const news = z
  .tuple([z.string(), status, z.string().nullable(), z.number().nullable(), z.number().nullable()])
  .transform(([user, choice, statusText, chosenAgeMs, activeAgeMs]): News => {
    const [tenantId, userId] = idsOf(user)
    return { user, tenantId, userId, choice, statusText, chosenAgeMs, activeAgeMs }
  })

const reply = z
  .tuple([yes, yes, z.array(told), z.array(news), z.array(told)])
  .transform(([known, more, changes, newsOfUsers, records]): Reply => {
    return { known, more, changes, news: newsOfUsers, records }
  })

/** Reads what the script answers. Throws when it is something else. */
export function readReply(answer: unknown): Reply {
  return reply.parse(answer)
}

/** The name of a user in Redis: no other pair of ids has the same. */
export function userName(tenantId: string, userId: string): string {
  return JSON.stringify([tenantId, userId])
}

/** The ids in a name that `userName` made. */
export function idsOf(user: string): readonly [tenantId: string, userId: string] {
  return ids.parse(JSON.parse(user))
}
