import type { LRUCache } from 'lru-cache'
import type { UserRecord } from '../domain/records.ts'
import { isPlainUnicode } from '../domain/text.ts'
import type { Database, Row, Statement } from './database/database.ts'
import { inOrder } from './in-order.ts'
import * as column from './row.ts'
import { asTenant } from './session.ts'
import type { Users } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

/**
 * What the rows of users were last made to say, by tenant and user. One for all tenants: a cache takes the memory of all its entries when it is made
 * (measured: 217 KB for 10,000).
 */
export type EnsuredUsers = LRUCache<string, string>

export function createUsers(database: Database, reads: TenantReads, tenantId: string, ensured: EnsuredUsers): Users {
  return {
    async ensure(user) {
      const key = JSON.stringify([tenantId, user.id])
      const state = JSON.stringify([user.name, user.avatarUrl])
      if (ensured.get(key) === state) return
      await database.commit([asTenant(tenantId), ...ensureStatements(tenantId, user)])
      ensured.set(key, state)
    },
    async byIds(ids) {
      const [rows = []] = await reads.grouped({
        name: 'users_by_ids',
        text: BY_IDS,
        values: [tenantId, ids.filter(isPlainUnicode)],
      })
      return inOrder(ids, rows.map(userOf))
    },
    async ids(limit) {
      const [rows = []] = await reads.grouped({ name: 'user_ids', text: IDS, values: [tenantId, limit] })
      return rows.map(row => column.text(row, 'user_id'))
    },
  }
}

function ensureStatements(tenantId: string, user: UserRecord): Statement[] {
  return [
    { name: 'ensure_tenant', text: ENSURE_TENANT, values: [tenantId] },
    { name: 'ensure_head', text: ENSURE_HEAD, values: [tenantId] },
    { name: 'ensure_user', text: ENSURE_USER, values: [tenantId, user.id, user.name, user.avatarUrl] },
  ]
}

function userOf(row: Row): UserRecord {
  return {
    id: column.text(row, 'user_id'),
    name: column.orNull(column.text, row, 'name'),
    avatarUrl: column.orNull(column.text, row, 'avatar_url'),
  }
}

const ENSURE_TENANT = `INSERT INTO tenant (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING`

/** A log without events ends at its floor. */
const ENSURE_HEAD = `
INSERT INTO tenant_head (tenant_id, mark) SELECT tenant_id, floor_mark FROM tenant WHERE tenant_id = $1
ON CONFLICT DO NOTHING`

/** A token that does not say a name or a picture leaves what an earlier one said. */
const ENSURE_USER = `
INSERT INTO "user" AS u (tenant_id, user_id, name, avatar_url) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, user_id) DO UPDATE
SET name = coalesce(excluded.name, u.name), avatar_url = coalesce(excluded.avatar_url, u.avatar_url)
WHERE (coalesce(excluded.name, u.name), coalesce(excluded.avatar_url, u.avatar_url))
  IS DISTINCT FROM (u.name, u.avatar_url)`

const BY_IDS = `SELECT user_id, name, avatar_url FROM "user" WHERE tenant_id = $1 AND user_id = ANY($2::text[])`

const IDS = `SELECT user_id FROM "user" WHERE tenant_id = $1 ORDER BY user_id LIMIT $2`
