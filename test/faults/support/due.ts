import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'

/** A row of the log, straight from the database. */
export interface LogRow {
  readonly position: number
  readonly conversationId: string
  readonly seq: number
  readonly kind: string
  readonly refs: { readonly userId?: string; readonly memberIds?: readonly string[]; readonly version?: number }
}

const LOG = `
SELECT position::int AS position, conversation_id AS "conversationId", seq, kind, refs FROM event
WHERE tenant_id = $1 ORDER BY position`

/** Reads the tenants' logs as the superuser, past all of the server. An embedded database must be at rest: `path` is its cluster. */
export async function readLogs(
  database: { readonly url: string } | { readonly path: string },
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LogRow[]>> {
  const logs = new Map<string, readonly LogRow[]>()
  if ('path' in database) {
    const embedded = await PGlite.create(database.path)
    try {
      for (const id of tenantIds) logs.set(id, (await embedded.query<LogRow>(LOG, [id])).rows)
    } finally {
      await embedded.close()
    }
    return logs
  }
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    for (const id of tenantIds) logs.set(id, (await client.query<LogRow>(LOG, [id])).rows)
  } finally {
    await client.end()
  }
  return logs
}

/** The place in the log that a position names: a version byte, then the place in 8 bytes. Only a checker looks into it. */
export function placeOf(position: string): number {
  return Number(Buffer.from(position, 'base64url').readBigUInt64BE(1))
}

export interface Watching {
  readonly viewerId: string
  /** Where the stream began, and how far it came. */
  readonly from: number
  readonly reached: number
  /** Undefined: the inbox. */
  readonly conversationId: string | undefined
}

/**
 * What a stream must have said: every event after its beginning that lies in an interval of the viewer's membership, both ends included. The stream of one
 * conversation serves members only: who was put out while away hears the rest of that time when it is a member again, and not before.
 */
export function expectedOf(log: readonly LogRow[], watching: Watching): readonly LogRow[] {
  const { viewerId, from, reached, conversationId } = watching
  const inside = new Set<string>()
  const due = log.filter(row => {
    const begins =
      (row.kind === 'ConversationCreated' && row.refs.memberIds?.includes(viewerId)) ||
      (row.kind === 'MemberJoined' && row.refs.userId === viewerId)
    if (begins) inside.add(row.conversationId)
    const seen = inside.has(row.conversationId)
    if (leaves(row, viewerId)) inside.delete(row.conversationId)
    return seen && row.position > from && (conversationId === undefined || row.conversationId === conversationId)
  })
  const refused = conversationId !== undefined && !inside.has(conversationId)
  return refused ? due.filter(({ position }) => position <= reached) : due
}

export function leaves({ kind, refs }: LogRow, viewerId: string): boolean {
  return kind === 'MemberLeft' && refs.userId === viewerId
}

export interface Heard {
  readonly type: string
  readonly conversationId: string
  readonly seq: number
  /** Of a message. */
  readonly version?: number
  /** Which connection brought it. */
  readonly connection: number
}

export interface Figures {
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  /** Heard although it is not for this viewer, or is not in the log. */
  readonly strange: number
  /** Messages that were shown as they were before the event. */
  readonly stale: number
  /** Own departures without AccessRevoked, and the reverse. */
  readonly revocations: number
}

const nameOf = (conversationId: string, seq: number) => `${conversationId} ${seq}`

/** `heard` includes AccessRevoked, in its place. */
export function figuresOf(heard: readonly Heard[], expected: readonly LogRow[], watching: Watching): Figures {
  const events = heard.filter(({ type }) => type !== 'AccessRevoked')
  const places = new Map(expected.map((row, place) => [nameOf(row.conversationId, row.seq), { row, place }]))
  const found = events.flatMap(event => {
    const entry = places.get(nameOf(event.conversationId, event.seq))
    return entry?.row.kind === event.type ? [{ event, ...entry }] : []
  })
  const distinct = new Set(found.map(({ place }) => place))
  const backward = found.filter(({ place }, nth) => place < (found[nth - 1]?.place ?? -1))
  return {
    lost: expected.length - distinct.size,
    doubled: found.length - distinct.size,
    outOfOrder: backward.length,
    strange: events.length - found.length,
    stale: found.filter(({ event, row }) => (event.version ?? 0) < (row.refs.version ?? 0)).length,
    revocations: wrongRevocations(heard, expected, watching),
  }
}

function wrongRevocations(
  heard: readonly Heard[],
  expected: readonly LogRow[],
  { viewerId, conversationId }: Watching,
): number {
  const isInbox = conversationId === undefined
  const departures = new Set(
    expected.filter(row => leaves(row, viewerId)).map(row => nameOf(row.conversationId, row.seq)),
  )
  const isDeparture = (event: Heard | undefined) =>
    event?.type === 'MemberLeft' && departures.has(nameOf(event.conversationId, event.seq))
  return heard.filter((event, nth) => {
    const next = heard[nth + 1]
    if (event.type === 'AccessRevoked') return nth > 0 && !follows(event, heard[nth - 1], isDeparture)
    if (!isDeparture(event) || next === undefined) return false
    // The stream of one conversation is refused to who comes back after a cut between the two.
    if (!isInbox && next.connection !== event.connection) return false
    return next.type !== 'AccessRevoked' || next.conversationId !== event.conversationId
  }).length
}

/** A loss is told after the departure, and again to who comes back from there: even as the first thing, to who fetched the state of that place. */
function follows(revoked: Heard, before: Heard | undefined, isDeparture: (event: Heard | undefined) => boolean) {
  if (before?.conversationId !== revoked.conversationId) return false
  return isDeparture(before) || (before.type === 'AccessRevoked' && before.connection !== revoked.connection)
}
