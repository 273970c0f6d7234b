import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  locatedError,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql'
import { conditionsOf } from './conditions.ts'
import { type Data, executeFields, executeInTurn, type Fields } from './fields.ts'
import { commonInfo } from './info.ts'
import { addFailure, createRun, type Run, type Variables } from './run.ts'
import { type Compiling, fieldsOf } from './selection-set.ts'

/** A response: the specification's section 7.1. */
export interface Response {
  readonly data: Data | null
  readonly errors?: readonly GraphQLError[]
}

/** A valid operation, made ready to be executed over and over: which fields, types and constant arguments it has is found out once. */
export interface Plan {
  /**
   * Executes as graphql's own `execute` does (specification, sections 6.2 to 6.4), at once where no resolver is asynchronous. Variables are coerced. Never
   * throws nor rejects.
   */
  execute(variables: Variables, rootValue: unknown, context: unknown): Response | Promise<Response>
}

/** The plan of an operation of the document, which must be valid. The operation keeps it, as long as there is room for all. */
export type Plans = (document: DocumentNode, operation: OperationDefinitionNode) => Plan

/** Of how many combinations of the variables in @skip and @include an operation keeps what they select. */
const MAX_KEPT = 4

/** How many fields are kept compiled, of about 1.8 KB each, before everything is compiled anew. */
const MAX_FIELDS = 20_000

/**
 * A resolver gives a value or a Promise; a list is an array; an abstract type names the type of a value at once, and nobody asks `isTypeOf`. Their `info` is the
 * plan's, so that it tells nothing of the execution.
 */
export function createPlans(schema: GraphQLSchema, hideSuggestions: boolean, maxFields = MAX_FIELDS): Plans {
  let plans = new WeakMap<OperationDefinitionNode, Plan>()
  let kept: Kept = { fields: 0 }
  const onField = (of: Kept) => {
    of.fields += 1
    if (of !== kept || of.fields <= maxFields) return
    plans = new WeakMap()
    kept = { fields: 0 }
  }
  const settings: Settings = { schema, hideSuggestions, onField }
  return (document, operation) => {
    let plan = plans.get(operation)
    if (plan === undefined) {
      plan = createPlan(settings, kept, document, operation)
      plans.set(operation, plan)
    }
    return plan
  }
}

/** How many fields all plans have that are kept. */
interface Kept {
  fields: number
}

interface Settings extends Pick<Compiling, 'schema' | 'hideSuggestions'> {
  onField(of: Kept): void
}

function createPlan(settings: Settings, of: Kept, document: DocumentNode, operation: OperationDefinitionNode): Plan {
  const { schema, hideSuggestions } = settings
  const root = schema.getRootType(operation.operation)
  if (root == null) throw new Error(`The schema has no ${operation.operation}.`)
  const fragments = fragmentsOf(document)
  const info = commonInfo(schema, operation, fragments)
  const conditions = conditionsOf(document)
  const kept = new Map<string, Fields>()
  let own = 0
  const onField = () => {
    own += 1
    settings.onField(of)
  }
  const forget = () => {
    kept.clear()
    of.fields -= own
    own = 0
  }

  const fieldsFor = (given: Variables): Fields => {
    const key = conditions.keyOf(given)
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size === MAX_KEPT) forget()
    const variables = conditions.only(given)
    const executedAgain = operation.operation === OperationTypeNode.SUBSCRIPTION
    const compiling = { schema, hideSuggestions, onField, fragments, variables, info, executedAgain }
    const fields = fieldsOf(compiling, root, [operation.selectionSet], undefined)
    kept.set(key, fields)
    return fields
  }
  const execute =
    operation.operation === OperationTypeNode.MUTATION
      ? executeInTurn
      : (fields: Fields, run: Run, rootValue: unknown) => executeFields(fields, run, rootValue, undefined)

  return {
    execute(variables, rootValue, context) {
      const run = createRun(context, variables)
      try {
        const data = execute(fieldsFor(variables), run, rootValue)
        if (!(data instanceof Promise)) return respond(run, data)
        return data.then(
          known => respond(run, known),
          error => fail(run, error),
        )
      } catch (error) {
        return fail(run, error)
      }
    },
  }
}

function respond(run: Run, data: Data | null): Response {
  run.ended = true
  return run.failures === undefined ? { data } : { errors: run.failures.errors, data }
}

function fail(run: Run, error: unknown): Response {
  addFailure(run, locatedError(error, undefined), [])
  return respond(run, null)
}

function fragmentsOf(document: DocumentNode): Readonly<Record<string, FragmentDefinitionNode>> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node
  }
  return fragments
}
