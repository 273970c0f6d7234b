import type { StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Live, Services } from '../services/services.ts'
import type { Subscription } from '../stream/sink.ts'
import type { SubscriptionResolvers } from './generated.ts'
import { primeMade } from './resolvers/stream.ts'
import type { StreamShape } from './selection.ts'

/** A subscription about to be opened: its root field's coerced arguments, and where its results go. */
export interface Opening {
  readonly viewer: Viewer
  readonly args: Arguments
  /** Where a durable stream goes on; null is from now on. */
  readonly after: Cursor | null
  live<Source extends object>(shape: StreamShape<Source>): Live<Source>
}

type Arguments = Readonly<Record<string, unknown>>
export type Open = (services: Services, opening: Opening) => Promise<Subscription>

const durable: StreamShape<StreamItem> = {
  positionOf: item => item.position,
  prime: primeMade,
  groupOf: item => (item.type === 'event' && item.page !== undefined ? item.page : item),
}
const ephemeral: StreamShape<object> = { positionOf: () => null, prime: () => {} }

/** One entry for each root field. */
const OPENINGS: Record<keyof SubscriptionResolvers, Open> = {
  inbox: ({ streams }, { viewer, after, live }) => streams.openInbox(viewer, after, live(durable)),
  conversationEvents: ({ streams }, { viewer, args, after, live }) =>
    streams.openConversation(viewer, conversationId(args), after, live(durable)),
  typing: ({ typing }, { viewer, args, live }) => typing.open(viewer, conversationId(args), live(ephemeral)),
  readReceipts: ({ receipts }, { viewer, args, live }) =>
    receipts.openReads(viewer, conversationId(args), live(ephemeral)),
  deliveries: ({ receipts }, { viewer, args, live }) =>
    receipts.openDeliveries(viewer, conversationId(args), live(ephemeral)),
  presence: ({ presence }, { viewer, args, live }) => presence.open(viewer, presenceOf(args), live(ephemeral)),
  signals: ({ signals }, { viewer, args, live }) =>
    signals.open(viewer, optionalText(args['conversationId']), live(ephemeral)),
}

/** How the root field of that name is opened; undefined when there is none. */
export function openingOf(field: string): Open | undefined {
  return isRootName(field) ? OPENINGS[field] : undefined
}

function isRootName(name: string): name is keyof SubscriptionResolvers {
  return Object.hasOwn(OPENINGS, name)
}

function presenceOf(args: Arguments): { userIds: readonly string[] | null; conversationId: string | null } {
  const userIds = Array.isArray(args['userIds']) ? args['userIds'].map(String) : null
  return { userIds, conversationId: optionalText(args['conversationId']) }
}

function conversationId(args: Arguments): string {
  return String(args['conversationId'])
}

function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
