import type { Command, CommandKind, Outcome, Owned } from '../command.ts'
import type { Row, Statement } from '../database/database.ts'
import * as column from '../row.ts'

/** What one statement of a batch answers, and how its rows are told apart. */
interface Group {
  readonly kind: CommandKind<unknown, unknown>
  /** Indexes into the batch, in the order of the statement's inputs. */
  readonly members: number[]
}

/** A batch as statements, and what their rows mean to each command, in the order of the commands. */
export interface Plan {
  /** Made anew each time. Throws what cannot be said as a statement. */
  readonly statements: readonly Statement[]
  /** In place of the statements, where they are one that serves several tenants as well. */
  readonly together: Together | undefined
  outcomes(results: readonly (readonly Row[])[]): readonly (Outcome<unknown> | undefined)[]
}

/** The inputs of a batch, and what makes a statement of them and of other tenants' inputs. */
export interface Together {
  readonly inputs: readonly unknown[]
  readonly statement: (inputs: readonly Owned<unknown>[]) => Statement
}

/** All commands of a set-based kind share the statement at the place of the first; every other command has one of its own. */
export function planBatch(tenantId: string, commands: readonly Command<unknown>[]): Plan {
  const groups: Group[] = []
  const shared = new Map<CommandKind<unknown, unknown>, Group>()
  commands.forEach(({ kind }, index) => {
    const open = shared.get(kind)
    if (open !== undefined) {
      open.members.push(index)
      return
    }
    const group = { kind, members: [index] }
    groups.push(group)
    if (kind.setBased) shared.set(kind, group)
  })
  const inputsOf = (group: Group) => group.members.map(index => commands[index]?.input)
  const [only] = groups
  return {
    get statements() {
      return groups.map(group => group.kind.statement(tenantId, inputsOf(group)))
    },
    together:
      groups.length === 1 && only?.kind.together
        ? { inputs: inputsOf(only), statement: only.kind.together }
        : undefined,
    outcomes(results) {
      const outcomes = new Array<Outcome<unknown> | undefined>(commands.length)
      groups.forEach((group, nth) => {
        const rows = results[nth] ?? []
        const answers = group.kind.setBased ? byOrd(rows) : new Map([[0, rows]])
        group.members.forEach((index, ord) => {
          outcomes[index] = group.kind.read(answers.get(ord) ?? [], commands[index]?.input)
        })
      })
      return outcomes
    },
  }
}

function byOrd(rows: readonly Row[]): Map<number, readonly Row[]> {
  return Map.groupBy(rows, row => column.integer(row, 'ord'))
}
