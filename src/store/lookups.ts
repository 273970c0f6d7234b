/**
 * Queries of at most one row, each by its key, for the guards of commands. They are to be joined laterally, which a planner never reorders: a session
 * keeps the plan that it made on empty tables, and that takes every join and every index of the tenant for one of a few rows. Once the tenant has many,
 * it goes through all of them.
 *
 * `place` is where the row stands. Under the tenant's lock nobody else moves it, so that an update may name it.
 */

/** Whose rows: the tenant, an expression, and how the names of the tables begin that show them. */
export interface Whose {
  readonly tenant: string
  readonly tables: '' | 'shared_'
}

/** Of the one tenant of the transaction, which is the statement's first parameter. */
export const OWN: Whose = { tenant: '$1', tables: '' }

/** Of any tenant that the transaction names, be it one or several. */
export const ofNamed = (tenant: string): Whose => ({ tenant, tables: 'shared_' })

/** True of every number, of which the planner believes that it is true of one in 200: it then looks rows up, instead of reading whole tables for a join. */
export const FEW = (number: string) => `${number} % 1 = 0`

/** Of an id's equals and those after it the first: only the index by ids has them in order. Whoever asks has to compare its id. */
export function messageFrom(id: string, { tenant, tables } = OWN): string {
  return `
    SELECT s.*, s.ctid AS place FROM ${tables}message s
    WHERE s.tenant_id = ${tenant} AND s.message_id >= ${id} ORDER BY s.message_id LIMIT 1`
}

/** A conversation that takes something new. */
export function openConversation(id: string, { tenant, tables } = OWN): string {
  return `
    SELECT c.*, c.ctid AS place FROM ${tables}conversation c
    WHERE c.tenant_id = ${tenant} AND c.conversation_id = ${id} AND c.archived_at IS NULL LIMIT 1`
}

export function currentMember(conversationId: string, userId: string, { tenant, tables } = OWN): string {
  return `
    SELECT m.*, m.ctid AS place FROM ${tables}member m
    WHERE m.tenant_id = ${tenant} AND m.conversation_id = ${conversationId} AND m.user_id = ${userId}
      AND m.to_position IS NULL
    LIMIT 1`
}

export function user(id: string, { tenant, tables } = OWN): string {
  return `SELECT u.name, u.avatar_url FROM "${tables}user" u WHERE u.tenant_id = ${tenant} AND u.user_id = ${id} LIMIT 1`
}

export function head({ tenant, tables } = OWN): string {
  return `SELECT h.ctid AS place FROM ${tables}tenant_head h WHERE h.tenant_id = ${tenant} LIMIT 1`
}
