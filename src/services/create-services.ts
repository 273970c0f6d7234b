import type { Revocations } from '../auth/revocations.ts'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import type { NewId } from '../domain/ids.ts'
import type { PresenceRegistry } from '../presence/presence.ts'
import type { Store } from '../store/store.ts'
import type { Streams } from '../stream/streams.ts'
import { createConversationService } from './conversations.ts'
import { createMemberService } from './members.ts'
import { createMessageService } from './messages.ts'
import { createPresenceService } from './presence.ts'
import { createReceiptService } from './receipts.ts'
import type { Services } from './services.ts'
import { createSessionService } from './sessions.ts'
import { createSignalService } from './signals.ts'
import { createStreamService } from './streams.ts'
import { createTypingService } from './typing.ts'

export interface ServiceDeps {
  readonly store: Store
  readonly streams: Streams
  readonly bus: Bus
  readonly presence: PresenceRegistry
  readonly revocations: Pick<Revocations, 'revoke'>
  readonly clock: Clock
  readonly newId: NewId
  readonly limits: ServiceLimits
}

export interface ServiceLimits {
  readonly maxContentCodePoints: number
  readonly maxMetadataBytes: number
  readonly maxSignalBytes: number
  readonly maxConversationMembers: number
  readonly receiptHistoryMaxMembers: number
  readonly presenceTenantMaxUsers: number
  readonly typingTtlMs: number
}

/** All services over the same parts. Closing ends their timers and subscriptions, not the parts. */
export function createServices(deps: ServiceDeps): Services & { close(): Promise<void> } {
  const { limits } = deps
  const typing = createTypingService({ ...deps, ttlMs: limits.typingTtlMs })
  const presence = createPresenceService({ ...deps, presenceTenantMaxUsers: limits.presenceTenantMaxUsers })
  const signals = createSignalService({ ...deps, maxPayloadBytes: limits.maxSignalBytes })
  return {
    conversations: createConversationService(deps),
    members: createMemberService(deps),
    messages: createMessageService(deps),
    receipts: createReceiptService({ ...deps, historyMaxMembers: limits.receiptHistoryMaxMembers }),
    streams: createStreamService(deps),
    sessions: createSessionService(deps),
    typing,
    presence,
    signals,
    async close() {
      await Promise.all([typing.close(), presence.close(), signals.close()])
    },
  }
}
