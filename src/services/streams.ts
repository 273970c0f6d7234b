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
}

export function createStreamService({ store, streams }: StreamDeps): StreamService {
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
      let cursor: Cursor = after
      while (items.length < count) {
        const page = await log.inboxPage(viewer.userId, cursor, count - items.length)
        if (!page.valid) {
          const resync = { type: 'ResyncRequired', position: page.head, reason: RESYNC_REASON } as const
          return { items: [...items, resync], hasNextPage: false }
        }
        for (const item of eventItems(page.events, page.intervals)) {
          const said = sayings(item, viewer)
          // A leaving and the loss that it means have one cursor, so no page ends between them: not even a page of one.
          if (items.length > 0 && items.length + said.length > count) return { items, hasNextPage: true }
          items.push(...said)
        }
        cursor = page.reached
        if (cursor.position === page.head.position) {
          if (items.length >= count) break
          items.push({ type: 'CaughtUp', position: cursor })
          return { items, hasNextPage: false }
        }
      }
      return { items, hasNextPage: true }
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
