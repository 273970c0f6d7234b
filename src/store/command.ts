import type { CommittedEvent } from '../domain/event.ts'
import type { ReceiptChange } from '../domain/records.ts'
import type { Row, Statement } from './database/database.ts'

/**
 * A durable write: one conditional statement that runs under the tenant's lock. Its guards are the rows that the deciding service rested on; when
 * one of them no longer stands, the statement writes nothing and returns no row for the command.
 */
export interface Command<Result> {
  readonly kind: CommandKind<Result, unknown>
  readonly input: unknown
}

/** Pairs an input with its kind; the pair is what `submit` takes, whatever the input's type. */
export function command<Result, Input>(kind: CommandKind<Result, Input>, input: Input): Command<Result> {
  return { kind, input }
}

/** How all commands of one name become statements. */
export interface CommandKind<Result, Input> {
  readonly name: string
  /** True: one statement serves any number of inputs, and its rows carry `ord`, the index of the input they answer. */
  readonly setBased: boolean
  /** Whose command it is: nobody's are committed in another order than they were submitted in. */
  actor(input: Input): string
  /** Inputs of equal key never share a batch: the later one must see the earlier one's commit. */
  conflictKey?(input: Input): string
  /** About how many bytes the input adds to the flush. */
  bytes(input: Input): number
  statement(tenantId: string, inputs: readonly Input[]): Statement
  /**
   * A statement for inputs of several tenants, whom the transaction names. A set-based kind has it when all that this reads and writes is
   * looked up by the input's own tenant.
   */
  together?(inputs: readonly Owned<Input>[]): Statement
  /** What the rows of one input say; undefined when a guard failed. */
  read(rows: readonly Row[], input: Input): Outcome<Result> | undefined
}

/** An input and whose it is. */
export interface Owned<Input> {
  readonly tenantId: string
  readonly input: Input
}

export interface Outcome<Result> {
  readonly result: Result
  readonly events: readonly CommittedEvent[]
  readonly receipts: readonly ReceiptChange[]
}
