/**
 * Carries hints between nodes: at most once, in each publisher's order within a channel and in no other. Nothing durable may depend on it. Names are
 * given as parts, so that no id can forge a channel.
 */
export interface Bus {
  /**
   * Tells every node that listens, this one included. Never rejects and never waits: what cannot be sent is dropped, but the listeners of this node
   * hear it all the same.
   */
  publish(channel: readonly string[], message: string): void
  /** Tells the other nodes alone, as `publish` does. The message is made only where there may be one to hear it. */
  tell(channel: readonly string[], message: () => string): void
  /** Resolves once the subscription is in force, or while the other nodes are out of reach for this one; the returned function ends it. */
  subscribe(channel: readonly string[], listener: (message: string) => void): Promise<() => void>
  /** Whether this node reaches the others. While it does, every subscription is in force. Always true of a single node. */
  readonly connected: boolean
  /** Runs the task each time that the others are in reach again, the first time included: hints may have been missed. The returned function ends that. */
  onBack(task: () => void): () => void
  /** Runs the task each time that the others are out of reach for this node again. The returned function ends that. */
  onAway(task: () => void): () => void
  close(): Promise<void>
}
