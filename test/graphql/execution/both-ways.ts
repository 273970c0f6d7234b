import {
  executeRootSelectionSet,
  type GraphQLSchema,
  getOperationAST,
  parse,
  type ValidatedExecutionArgs,
  validate,
  validateExecutionArgs,
} from 'graphql'
import { expect } from 'vitest'
import { createPlans, type Plan } from '../../../src/graphql/execution/plan.ts'
import { type OutcomeOf, type Script, schema } from './small-schema.ts'

export interface Executed {
  /** The response as JSON text: fields, errors and their keys in order. */
  readonly response: string
  readonly calls: readonly string[]
  readonly atOnce: boolean
}

export interface BothWays {
  readonly ours: Executed
  readonly graphqls: Executed
}

const plans = createPlans(schema, false)

/** A valid document's one operation, ready to be executed. */
export function prepared(
  source: string,
  of: GraphQLSchema = schema,
  plansOf = plans,
): { plan: Plan; args: (variableValues: Record<string, unknown>) => ValidatedExecutionArgs } {
  const document = parse(source)
  expect(validate(of, document)).toEqual([])
  const operation = getOperationAST(document)
  if (operation == null) throw new Error('There is no one operation.')
  return {
    plan: plansOf(document, operation),
    args: variableValues => {
      const validated = validateExecutionArgs({ schema: of, document, variableValues })
      if (!('schema' in validated)) throw new Error(validated.map(error => error.message).join())
      return validated
    },
  }
}

/** Executes the document as graphql does and as a plan does, one after the other. */
export async function bothWays(
  source: string,
  outcomeOf: OutcomeOf = () => 'value',
  variables: Record<string, unknown> = {},
  turn: Script['turn'] = ownTurn,
): Promise<BothWays> {
  const { plan, args } = prepared(source)
  const validated = args(variables)
  const once = async (execute: (script: Script) => unknown): Promise<Executed> => {
    const script: Script = { outcomeOf, calls: [], turn }
    const response = execute(script)
    const known = await response
    return { response: JSON.stringify(known), calls: [...script.calls], atOnce: !(response instanceof Promise) }
  }
  return {
    graphqls: await once(contextValue => executeRootSelectionSet({ ...validated, contextValue })),
    ours: await once(script => plan.execute(validated.variableValues, undefined, script)),
  }
}

/** Node lets all that follows from one immediate happen before the next. */
function ownTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
