import type { Migration } from '../database/migrate.ts'

/** By conversation only the events that no message leads to (see conversation-events). Sends wait while it is built. */
const sql = `
CREATE UNIQUE INDEX event_besides_sent ON event (tenant_id, conversation_id, position) WHERE kind <> 'MessageSent';
`

export const eventsBesidesSent: Migration = { id: 6, name: 'events besides sent', sql }
