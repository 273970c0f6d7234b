import type { Command, CommandKind, Outcome } from '../command.ts'
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
  readonly statements: readonly Statement[]
  outcomes(results: readonly (readonly Row[])[]): readonly (Outcome<unknown> | undefined)[]
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
  return {
    statements: groups.map(group => group.kind.statement(tenantId, inputsOf(group))),
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
