/** One rendered result, shared by every sink of a selection. */
export interface Payload {
  /** A GraphQL execution result as JSON text: `{"data":{…},"extensions":{"position":"…"}}`. */
  readonly json: string
  /** The encoded cursor that this result moves its stream to; null for a stream without a log. */
  readonly position: string | null
  /** Kept here by the transport that makes it: what all its sockets write of this result. */
  wire?: object | undefined
}

/** What one subscription document shows of a source, apart from who asks: subscriptions of equal `key` share one execution per event. */
export interface Selection<Source> {
  /** Printed operation, variables it uses, and the viewer where a `@viewer` field is reached. Equal keys render equal payloads. */
  readonly key: string
  /** Executes the document on one source. Throws or rejects when the result has any error; then nothing may be delivered. */
  render(source: Source): Payload | Promise<Payload>
}
