/**
 * Carries hints between nodes: at most once, in no promised order across channels. Nothing durable may depend on it. Names are given as parts, so
 * that no id can forge a channel.
 */
export interface Bus {
  /** Tells every node that listens, this one included. Never rejects and never waits: what cannot be sent is dropped. */
  publish(channel: readonly string[], message: string): void
  /** Resolves once the subscription is in force; the returned function ends it. */
  subscribe(channel: readonly string[], listener: (message: string) => void): Promise<() => void>
  close(): Promise<void>
}
