import type { Row } from './database.ts'
import type { Migration } from './migrate.ts'
import type { EncodedStatement } from './statement-encoder.ts'

/** What the driver and its worker thread say to each other. Everything here survives the structured clone. */

/** One message is one whole piece of work: nothing runs between its statements. */
export type Work =
  | { readonly kind: 'commit' | 'read'; readonly statements: readonly EncodedStatement[] }
  | { readonly kind: 'migrate'; readonly migrations: readonly Migration[] }
  /** One statement as the owner of the schema, outside of any transaction. */
  | { readonly kind: 'maintain'; readonly sql: string }
  | { readonly kind: 'close' }

export interface Job {
  readonly id: number
  readonly work: Work
}

export type Rows = readonly (readonly Row[])[]

/** Why a piece of work failed; `sqlState` of a StatementError. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly sqlState: string | null
}

/** The answer to a job, or to the start (id 0). */
export type Reply = { readonly id: number; readonly rows: Rows } | { readonly id: number; readonly failure: Failure }

export const START = 0
