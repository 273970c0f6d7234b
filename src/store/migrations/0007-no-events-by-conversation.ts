import type { Migration } from '../database/migrate.ts'

/**
 * What took an eighth of what a send costs the database. A transaction of its own: dropped in the one that has built the other index, it would wait for a prune that waits for
 * that one. A node of the release before goes through the tenant's log for a page of a conversation, until it too is of this release.
 */
const sql = `
DROP INDEX event_of_conversation;
`

export const noEventsByConversation: Migration = { id: 7, name: 'no events by conversation', sql }
