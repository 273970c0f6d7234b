import type { Owned } from '../command.ts'
import type { Row, Statement } from '../database/database.ts'
import { asTenants } from '../session.ts'
import type { Together } from './batch.ts'
import { lockedHeadsStatement } from './head.ts'
import type { Turn } from './turn.ts'

type Results = readonly (readonly Row[])[]

/** A transaction of several turns. */
export interface SharedTransaction {
  readonly statements: readonly Statement[]
  /** For each turn what its own statements would have said if it had gone alone, from what these have said. Checks nothing: that is the turn's. */
  resultsOf(results: Results): readonly Results[]
}

/**
 * Takes the locks of all in one statement, in the order of the turns, which has to be the same on every node: so no two transactions wait for each
 * other. Then one statement does what all those ask who can go together: its start costs more than a tenant's few inputs. The others follow, each as it
 * goes alone, and sees nobody else any more. Throws what cannot be said as a statement.
 */
export function shareTransaction(turns: readonly Turn[]): SharedTransaction {
  const { companies, others } = divide(turns)
  const tenantIds = turns.map(({ tenantId }) => tenantId)
  const statements = [PATIENCE, asTenants(tenantIds), lockedHeadsStatement(tenantIds)]
  const heads = statements.length - 1
  const first = statements.push(...companies.map(({ statement, inputs }) => statement(inputs))) - companies.length
  const own = others.map(turn => ({ turn, from: statements.length, to: statements.push(...turn.statements()) }))

  return {
    statements,
    resultsOf(results) {
      const headOf = Map.groupBy(results[heads] ?? [], row => row['tenant_id'])
      const byTurn = new Map<Turn, Results>(own.map(({ turn, from, to }) => [turn, results.slice(from, to)]))
      companies.forEach(({ seats }, nth) => {
        for (const [turn, rows] of handOut(results[first + nth] ?? [], seats)) {
          byTurn.set(turn, [[], headOf.get(turn.tenantId) ?? [], rows])
        }
      })
      return turns.map(turn => byTurn.get(turn) ?? [])
    },
  }
}

/** Turns whose commands one statement serves. */
interface Company {
  readonly statement: Together['statement']
  readonly inputs: Owned<unknown>[]
  /** Whose each input is, and which of its own. */
  readonly seats: Seat[]
}

interface Seat {
  readonly turn: Turn
  readonly ord: number
}

/** A tenant's second turn does not join: it comes after the first, and sees where that has put the head. */
function divide(turns: readonly Turn[]) {
  const companies = new Map<Together['statement'], Company>()
  const others: Turn[] = []
  const tenantIds = new Set<string>()
  for (const turn of turns) {
    const { tenantId, together } = turn
    if (together === undefined || tenantIds.has(tenantId)) others.push(turn)
    else {
      const { statement } = together
      const company = companies.get(statement) ?? { statement, inputs: [], seats: [] }
      companies.set(statement, company)
      together.inputs.forEach((input, ord) => {
        company.inputs.push({ tenantId, input })
        company.seats.push({ turn, ord })
      })
    }
    tenantIds.add(tenantId)
  }
  return { companies: [...companies.values()], others }
}

/** Each turn's rows, as if only its own inputs had been in the statement. */
function handOut(rows: readonly Row[], seats: readonly Seat[]): ReadonlyMap<Turn, readonly Row[]> {
  const handed = new Map<Turn, Row[]>(seats.map(({ turn }) => [turn, []]))
  for (const row of rows) {
    const seat = seats[Number(row['ord'])]
    if (seat !== undefined) handed.get(seat.turn)?.push({ ...row, ord: seat.ord })
  }
  return handed
}

/**
 * A lock is waited for shorter than a tenant alone waits for it: those who share the transaction wait along. Longer than another node's transaction
 * takes, else the sharing ends just when there is much to do.
 */
const PATIENCE: Statement = {
  name: 'patience',
  text: `SELECT set_config('lock_timeout', '250ms', true)`,
  values: [],
}
