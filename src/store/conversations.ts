import { createHash } from 'node:crypto'
import { isId } from '../domain/ids.ts'
import { cursorKeys, pageOf } from '../domain/page.ts'
import type { Cursor } from '../domain/position.ts'
import type { ConversationOfUser, ConversationRecord, ListedConversation } from '../domain/records.ts'
import { boundsOf, ID_ENDS } from './bounds.ts'
import type { Row, Statement } from './database/database.ts'
import { inOrder } from './in-order.ts'
import { LAST_MESSAGE_COLUMNS, lastMessageOf, WITH_LAST_MESSAGE } from './last-message.ts'
import { headOf, headStatement } from './log/head.ts'
import { currentMember } from './lookups.ts'
import { MEMBERSHIP_COLUMNS, membershipOf } from './members.ts'
import * as column from './row.ts'
import type { Conversations } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createConversations(reads: TenantReads, tenantId: string): Conversations {
  async function select<Found>(
    statement: Statement,
    make: (row: Row, head: Cursor) => Found,
    read = reads.grouped,
  ): Promise<readonly Found[]> {
    const [heads = [], rows = []] = await read(headStatement(tenantId), statement)
    const head = headOf(heads)
    return rows.map(row => make(row, head))
  }

  return {
    async byIds(ids) {
      const statement = { name: 'conversations_by_ids', text: BY_IDS, values: [tenantId, ids.filter(isId)] }
      return inOrder(ids, await select(statement, conversationOf))
    },
    async byIdsOfUser(userId, ids) {
      const values = [tenantId, userId, ids.filter(isId)]
      const statement = { name: 'conversations_by_ids_of_user', text: BY_IDS_OF_USER, values }
      return inOrder(ids, await select(statement, conversationOfUser))
    },
    async ofUser(userId, page) {
      const [position, id] = cursorKeys(page, ['number', 'id'])
      const values = [tenantId, userId, position, id, page.count + 1]
      return pageOf(await select({ ...OF_USER[page.direction], values }, listedConversation, reads.alone), page)
    },
    async public(userId, page) {
      const [id] = cursorKeys(page, ['id'])
      const { order, ...statement } = PUBLIC[page.direction]
      const values = [tenantId, userId, ...boundsOf(order, id, ID_ENDS), page.count + 1]
      return pageOf(await select({ ...statement, values }, conversationOfUser), page)
    },
    async directOf(userIds) {
      const statement = { name: 'conversation_of_people', text: DIRECT_OF, values: [tenantId, directKey(userIds)] }
      const [found] = await select(statement, conversationOf)
      return found
    },
  }
}

/** Names a set of people: the same for any order, different for any other set. SHA-256 in hexadecimal. */
export function directKey(userIds: readonly string[]): string {
  const set = [...new Set(userIds)].sort()
  return createHash('sha256').update(JSON.stringify(set)).digest('hex')
}

function conversationOf(row: Row, head: Cursor): ConversationRecord {
  return {
    id: column.text(row, 'conversation_id'),
    kind: column.word(row, 'kind', ['DIRECT', 'GROUP', 'PUBLIC']),
    title: column.orNull(column.text, row, 'title'),
    metadata: column.json(row, 'metadata'),
    memberCount: column.integer(row, 'member_count'),
    createdBy: column.text(row, 'created_by'),
    createdAt: column.instant(row, 'created_at'),
    archivedAt: column.orNull(column.instant, row, 'archived_at'),
    lastSeq: column.integer(row, 'last_seq'),
    lastPosition: column.position(row, 'last_position'),
    lastMessageId: column.orNull(column.text, row, 'last_message_id'),
    head,
  }
}

function conversationOfUser(row: Row, head: Cursor): ConversationOfUser {
  return { ...conversationOf(row, head), membership: membershipOf(row) }
}

function listedConversation(row: Row, head: Cursor): ListedConversation {
  return { ...conversationOfUser(row, head), last: lastMessageOf(row) }
}

const COLUMNS = `c.conversation_id, c.kind, c.title, c.metadata, c.member_count, c.created_by, c.created_at,
  c.archived_at, c.last_seq, c.last_position, c.last_message_id`

/** With what the user `$2` is in each; nothing but nulls where that is nothing. */
const WITH_MEMBERSHIP = `LEFT JOIN LATERAL (${currentMember('c.conversation_id', '$2')}) m ON true`
const OF_USER_COLUMNS = `${COLUMNS}, ${MEMBERSHIP_COLUMNS}`

const BY_IDS = `SELECT ${COLUMNS} FROM conversation c WHERE c.tenant_id = $1 AND c.conversation_id = ANY($2::uuid[])`

const BY_IDS_OF_USER = `
SELECT ${OF_USER_COLUMNS} FROM conversation c ${WITH_MEMBERSHIP}
WHERE c.tenant_id = $1 AND c.conversation_id = ANY($3::uuid[])`

const DIRECT_OF = `SELECT ${COLUMNS} FROM conversation c WHERE c.tenant_id = $1 AND c.direct_key = $2`

/**
 * Every conversation of the user is looked at, for activity moves with each message and an index of it for each member would too. Their ids go to the
 * index by ids as one sorted array, which costs a fifth less than a join; only those on the page are looked up once more as memberships. Their last
 * messages and those who sent them come along, for hardly a list is shown without them, and reads of their own cost three times as much.
 */
function ofUser(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  const ordered = `ORDER BY c.last_position ${order}, c.conversation_id ${order}`
  return `
SELECT ${OF_USER_COLUMNS}, ${LAST_MESSAGE_COLUMNS} FROM (
  SELECT ${COLUMNS} FROM conversation c
  WHERE c.tenant_id = $1 AND c.conversation_id = ANY(ARRAY(
      SELECT m.conversation_id FROM member m WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.to_position IS NULL))
    AND ($3::bigint IS NULL OR (c.last_position, c.conversation_id) ${comparison} ($3::bigint, $4::uuid))
  ${ordered} LIMIT $5
) c ${WITH_MEMBERSHIP} ${WITH_LAST_MESSAGE} ${ordered}`
}

const OF_USER = {
  forward: { name: 'conversations_of_user', text: ofUser('<', 'DESC') },
  backward: { name: 'conversations_of_user_backward', text: ofUser('>', 'ASC') },
}

function publicOnes(order: 'ASC' | 'DESC'): string {
  return `
SELECT ${OF_USER_COLUMNS} FROM (
  SELECT ${COLUMNS} FROM conversation c
  WHERE c.tenant_id = $1 AND c.kind = 'PUBLIC' AND c.conversation_id > $3::uuid AND c.conversation_id < $4::uuid
  ORDER BY c.conversation_id ${order} LIMIT $5
) c ${WITH_MEMBERSHIP}
ORDER BY c.conversation_id ${order}`
}

const PUBLIC = {
  forward: { name: 'public_conversations', text: publicOnes('DESC'), order: 'DESC' },
  backward: { name: 'public_conversations_backward', text: publicOnes('ASC'), order: 'ASC' },
} as const
