import type { CommittedEvent, StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { ReceiptChange } from '../domain/records.ts'
import type { CommittedBatch } from '../store/store.ts'
import type { Selection } from './selection.ts'
import type { Sink, Subscription } from './sink.ts'

/** The live half of this node: every tenant's stream and rooms. */
export interface Streams {
  tenant(id: string): TenantStream
  /** A commit of this node: applied here, and told to the others. */
  apply(tenantId: string, batch: CommittedBatch): void
  /** Something may have been committed that nobody will tell of: what the log has more is read from it. */
  doubt(tenantId: string): void
  /** Calls back for each event as it is applied, in position order, before it is delivered. Only tenants that someone listens to are applied. */
  onEvent(listener: (tenantId: string, event: CommittedEvent) => void): void
  onReceipts(listener: ReceiptListener): void
  /** Whether another node has just told a batch that another one is about to follow. */
  readonly expecting: boolean
  close(): Promise<void>
}

/** Hears of the advances of receipts in tenants that someone listens to. */
export interface ReceiptListener {
  /** As they are made, on whatever node; one may come twice, or after a later one. */
  arrived(tenantId: string, changes: readonly ReceiptChange[]): void
  /** Some were missed: what has changed since then, or (null) all, is to be read and shown. Rejects when it cannot be read now: then it is called again. */
  missed(tenantId: string, since: Date | null): Promise<void>
}

/**
 * Durable events in position order, and the rooms they feed. Every `open…` rejects with `RequestError`: NOT_FOUND, TOO_MANY_SELECTIONS or
 * UNAVAILABLE. Nothing is written to a sink before the promise resolves, so that a transport can be ready for it.
 */
export interface TenantStream {
  openInbox(request: OpenDurable): Promise<Subscription>
  /** Rejects with NOT_FOUND when the user is no current member. Ends with AccessRevoked and `complete` at the event that takes the membership. */
  openConversation(conversationId: string, request: OpenDurable): Promise<Subscription>
  openRoom<Source>(room: RoomName, request: OpenRoom<Source>): Promise<Subscription>
  /** Shows an ephemeral change to everyone in the room. */
  publish<Source>(room: RoomName, source: Source): void
  /** Whether anyone on this node is in the room. */
  occupied(room: RoomName): boolean
}

/** A name in parts, `['typing', conversationId]`: joined so that no id can forge another room's. */
export type RoomName = readonly string[]

export interface OpenDurable {
  /** From where on; null is from now on. */
  readonly after: Cursor | null
  readonly selection: Selection<StreamItem>
  readonly sink: Sink
}

/** A stream without a log: first the state, then each change. */
export interface OpenRoom<Source> {
  readonly selection: Selection<Source>
  readonly sink: Sink
  /** Set where only members may listen: losing the membership ends the operation with ACCESS_REVOKED. */
  readonly conversationId?: string
  /**
   * Authorises (by throwing) and reads the state, after the sink is in the room and held. Changes published meanwhile follow the state, each
   * unless the state already says the same or newer.
   */
  snapshot(): Promise<readonly Source[]>
  /** What the source is the latest state of: while a sink lags, only the newest of each key is kept. Null: each counts (signals). */
  keyOf(source: Source): string | null
  /** Whether this sink is to have it at all (a signal for somebody else, for instance). */
  accepts?(source: Source): boolean
  /** Whether `held` says more than `state` of the same key. Absent: always. */
  newer?(held: Source, state: Source): boolean
}
