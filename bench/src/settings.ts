/** How long and how often everything is measured. */
export interface Settings {
  readonly quick: boolean
  /** Workloads by their ids; empty: all of them. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Milliseconds of one round. */
  readonly roundMs: number
  /** Where the report is written. */
  readonly out: string
  /** Where processor profiles of Colloquy's servers are written. Null: none are made, for they cost time. */
  readonly profile: string | null
}
