import type { Migration } from '../database/migrate.ts'

/**
 * A send has no entry of its own in the index of events by conversation: it is found by its message (see conversation-events). A node of the release before
 * goes through the tenant's log for a page of a conversation, until it too is of this release.
 */
const sql = `
CREATE UNIQUE INDEX event_besides_sent ON event (tenant_id, conversation_id, position) WHERE kind <> 'MessageSent';
DROP INDEX event_of_conversation;
`

export const fewerEntries: Migration = { id: 6, name: 'fewer entries', sql }
