/** Every bound of the live half, with what happens at it. */
export interface StreamOptions {
  /** How many of a tenant's newest events are kept in memory. A reader further behind reads the log. */
  readonly ringEvents: number
  /** How many events are held ahead of a hole. Those beyond are dropped, and read from the log once the hole is filled. */
  readonly heldEvents: number
  /** How old a hole in the positions may grow, in milliseconds, before the log is read. */
  readonly holeMs: number
  /** How often the log is asked where it ends, in milliseconds: what nobody told of is found by then. */
  readonly sweepMs: number
  /** The same while the other nodes are out of reach of the bus. */
  readonly sweepAloneMs: number
  /** How many events one read of the log brings, and so how many a lagging sink may have in hand. */
  readonly pageEvents: number
  /** How many events may wait for a slow execution. Beyond, every joined sink of the tenant becomes a lagging one. */
  readonly pipelineEvents: number
  /** How many characters of rendered events a tenant keeps for readers that lag. The oldest go first. */
  readonly renderedChars: number
  /** How many different documents one viewer may have in one room. Beyond, TOO_MANY_SELECTIONS. */
  readonly maxSelectionsPerViewer: number
  /** After how many milliseconds without an event a joined sink is told CaughtUp again. */
  readonly quietMs: number
  /** After how many applied positions without an event of its own a joined sink is told CaughtUp again. */
  readonly quietPositions: number
  /** The first pause after a failure, in milliseconds; each further one is twice as long. */
  readonly retryMs: number
  /** The longest pause between two tries, in milliseconds. */
  readonly retryMaxMs: number
  /** How often one item is executed before its operation ends with UNAVAILABLE. */
  readonly tries: number
  /** How many keys' latest states are kept for a sink of a room while it lags. The oldest go first. */
  readonly roomStates: number
  /** How many sources without a key are kept for a sink of a room while it lags. The oldest go first. */
  readonly roomQueue: number
}

export const STREAM_DEFAULTS = {
  ringEvents: 1_024,
  heldEvents: 10_000,
  holeMs: 50,
  sweepMs: 1_000,
  sweepAloneMs: 200,
  pageEvents: 100,
  pipelineEvents: 1_000,
  renderedChars: 2_000_000,
  maxSelectionsPerViewer: 8,
  quietMs: 60_000,
  quietPositions: 1_000,
  retryMs: 100,
  retryMaxMs: 5_000,
  tries: 5,
  roomStates: 1_024,
  roomQueue: 64,
} as const satisfies StreamOptions
