import { createHash } from 'node:crypto'
import { isId } from '../domain/ids.ts'
import { cursorKeys, type PageRequest, pageOf } from '../domain/page.ts'
import type { Cursor } from '../domain/position.ts'
import type { ConversationRecord } from '../domain/records.ts'
import type { Row, Statement } from './database/database.ts'
import { headOf, headStatement } from './log/head.ts'
import * as column from './row.ts'
import type { TenantRead } from './session.ts'
import type { Conversations } from './store.ts'

export function createConversations(read: TenantRead, tenantId: string): Conversations {
  async function select(statement: Statement): Promise<readonly ConversationRecord[]> {
    const [heads = [], rows = []] = await read(headStatement(tenantId), statement)
    const head = headOf(heads)
    return rows.map(row => conversationOf(row, head))
  }

  return {
    async byIds(ids) {
      const found = await select({
        name: 'conversations_by_ids',
        text: BY_IDS,
        values: [tenantId, ids.filter(isId)],
      })
      const byId = new Map(found.map(conversation => [conversation.id, conversation]))
      return ids.map(id => byId.get(id))
    },
    async ofUser(userId, page) {
      const [position, id] = cursorKeys(page, ['number', 'id'])
      const { name, text } = OF_USER[page.direction]
      return pageOf(await select({ name, text, values: [tenantId, userId, position, id, page.count + 1] }), page)
    },
    async public(page) {
      const [id] = cursorKeys(page, ['id'])
      const { name, text } = PUBLIC[page.direction]
      return pageOf(await select({ name, text, values: [tenantId, id, page.count + 1] }), page)
    },
    async directOf(userIds) {
      const [found] = await select({
        name: 'conversation_of_people',
        text: DIRECT_OF,
        values: [tenantId, directKey(userIds)],
      })
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

const COLUMNS = `c.conversation_id, c.kind, c.title, c.metadata, c.member_count, c.created_by, c.created_at,
  c.archived_at, c.last_seq, c.last_position, c.last_message_id`

const BY_IDS = `SELECT ${COLUMNS} FROM conversation c WHERE c.tenant_id = $1 AND c.conversation_id = ANY($2::uuid[])`

const DIRECT_OF = `SELECT ${COLUMNS} FROM conversation c WHERE c.tenant_id = $1 AND c.direct_key = $2`

type InBothDirections = Record<PageRequest['direction'], { readonly name: string; readonly text: string }>

function ofUser(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `
SELECT ${COLUMNS} FROM member m
JOIN conversation c ON c.tenant_id = $1 AND c.conversation_id = m.conversation_id
WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.to_position IS NULL
  AND ($3::bigint IS NULL OR (c.last_position, c.conversation_id) ${comparison} ($3::bigint, $4::uuid))
ORDER BY c.last_position ${order}, c.conversation_id ${order} LIMIT $5`
}

const OF_USER: InBothDirections = {
  forward: { name: 'conversations_of_user', text: ofUser('<', 'DESC') },
  backward: { name: 'conversations_of_user_backward', text: ofUser('>', 'ASC') },
}

function publicOnes(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `
SELECT ${COLUMNS} FROM conversation c
WHERE c.tenant_id = $1 AND c.kind = 'PUBLIC' AND ($2::uuid IS NULL OR c.conversation_id ${comparison} $2::uuid)
ORDER BY c.conversation_id ${order} LIMIT $3`
}

const PUBLIC: InBothDirections = {
  forward: { name: 'public_conversations', text: publicOnes('<', 'DESC') },
  backward: { name: 'public_conversations_backward', text: publicOnes('>', 'ASC') },
}
