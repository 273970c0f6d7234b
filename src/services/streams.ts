import { RequestError } from '../domain/errors.ts'
import { type EventItem, eventItems, type StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Store } from '../store/store.ts'
import { RESYNC_REASON, REVOKED_REASON } from '../stream/reasons.ts'
import type { Streams } from '../stream/streams.ts'
import { listener } from './access.ts'
import type { StreamService } from './services.ts'

export interface StreamDeps {
  readonly store: Store
  readonly streams: Streams
  /** How many reads of the log one call makes at most: who is far behind in a log that says little to them goes on from there. Default: 20. */
  readonly readsMax?: number
}

export function createStreamService({ store, streams, readsMax = 20 }: StreamDeps): StreamService {
  return {
    head: viewer => store.tenant(viewer.tenantId).log.head(),

    openInbox: (viewer, after, live) => streams.tenant(viewer.tenantId).openInbox({ after, ...live }),

    async openConversation(viewer, conversationId, after, live) {
      try {
        return await streams.tenant(viewer.tenantId).openConversation(conversationId, { after, ...live })
      } catch (error) {
        // Not a member: of a PUBLIC conversation, which the viewer sees, the answer is another.
        const refused = error instanceof RequestError && error.code === 'NOT_FOUND'
        if (refused) await listener(store.tenant(viewer.tenantId), viewer, conversationId)
        throw error
      }
    },

    async events(viewer, after, count) {
      const { log } = store.tenant(viewer.tenantId)
      const items: StreamItem[] = []
      const endAt = (end: Cursor, hasNextPage = true) => ({ items, end, hasNextPage })
      const lastOr = (cursor: Cursor) => items.at(-1)?.position ?? cursor
      let cursor: Cursor = after
      for (let reads = 0; reads < readsMax && items.length < count; reads++) {
        const page = await log.inboxPage(viewer.userId, cursor, count - items.length)
        if (!page.valid) {
          items.push({ type: 'ResyncRequired', position: page.head, reason: RESYNC_REASON })
          return endAt(page.head, false)
        }
        for (const item of eventItems(page.events, page.intervals)) {
          const said = sayings(item, viewer)
          // A leaving and the loss that it means have one cursor, so no page ends between them: not even a page of one.
          if (items.length > 0 && items.length + said.length > count) return endAt(lastOr(cursor))
          items.push(...said)
        }
        cursor = page.reached
        if (cursor.position === page.head.position && items.length < count) {
          items.push({ type: 'CaughtUp', position: cursor })
          return endAt(cursor, false)
        }
      }
      return endAt(items.length < count ? cursor : lastOr(cursor))
    },
  }
}

/** What an event says to the viewer's inbox: itself, and the end of the access when it is the viewer who left. */
function sayings(item: EventItem, viewer: Viewer): readonly StreamItem[] {
  const { event, position } = item
  if (event.kind !== 'MemberLeft' || event.refs.userId !== viewer.userId) return [item]
  const { conversationId } = event
  return [item, { type: 'AccessRevoked', position, conversationId, reason: REVOKED_REASON }]
}
