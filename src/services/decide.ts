import { Refusal } from '../domain/errors.ts'
import type { Command } from '../store/command.ts'
import type { TenantStore } from '../store/store.ts'

/** How often a decision is made again on fresh state before the viewer is told that somebody else is always faster. */
const TRIES = 4

/**
 * Decides, and submits what was decided. When a guard no longer holds, that is when the rows that the decision rested on have changed since, it
 * decides again on fresh state. `decision` throws the `Refusal` where a rule says no, and answers without a command where nothing has to change.
 * Throws `Refusal` CONFLICT after four tries.
 */
export async function decide<Result, Answer>(
  tenant: TenantStore,
  decision: () => Promise<Decision<Result, Answer>>,
): Promise<Answer> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const decided = await decision()
    if ('answer' in decided) return decided.answer
    const result = await tenant.log.submit(decided.command)
    if (result !== undefined) return decided.done(result)
  }
  throw new Refusal('CONFLICT', 'Somebody else was faster each time. Read again, then try again.')
}

export type Decision<Result, Answer> =
  | { readonly answer: Answer }
  | { readonly command: Command<Result>; done(result: Result): Answer | Promise<Answer> }
