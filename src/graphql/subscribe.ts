import {
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  Kind,
  type SelectionSetNode,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql'
import type { Cursor } from '../domain/position.ts'
import type { Services } from '../services/services.ts'
import type { Sink, Subscription } from '../stream/sink.ts'
import { badVariable, type Mask } from './errors.ts'
import { openingOf } from './openings.ts'
import type { Admitted, Caller } from './operation.ts'
import { isCursor, toCursor } from './scalars.ts'
import type { Selections } from './selection.ts'

/** Opens subscriptions as `Engine.subscribe` says it. */
export function createSubscribe(options: {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly selections: Selections
  readonly production: boolean
  readonly mask: Mask
}) {
  const { schema, services, selections, production, mask } = options

  const open = async (
    validated: ValidatedSubscriptionArgs,
    admitted: Admitted,
    { viewer }: Caller,
    sink: Sink,
    resumeAfter?: string,
  ) => {
    const root = rootField(validated)
    const field = schema.getSubscriptionType()?.getFields()[root.name.value]
    const openField = openingOf(root.name.value)
    if (field === undefined || openField === undefined) throw new Error('A valid subscription has an unknown field.')
    const args = getArgumentValues(field, root, validated.variableValues)
    const after = resumePosition(resumeAfter ?? admitted.request.extensions?.['resumeAfter'], args['after'])
    return openField(services, {
      viewer,
      args,
      after,
      live: shape => ({ selection: selections.create(validated, viewer, shape), sink }),
    })
  }

  return async (
    admitted: Admitted,
    caller: Caller,
    sink: Sink,
    resumeAfter?: string,
  ): Promise<Subscription | readonly GraphQLError[]> => {
    try {
      const { variables: variableValues, operationName } = admitted.request
      const { document } = admitted
      const validated = validateSubscriptionArgs({
        schema,
        document,
        variableValues,
        operationName,
        hideSuggestions: production,
      })
      if (!('schema' in validated)) return validated.map(error => badVariable(error, production))
      return await open(validated, admitted, caller, sink, resumeAfter)
    } catch (error) {
      return [mask(error)]
    }
  }
}

function resumePosition(resumeAfter: unknown, after: unknown): Cursor | null {
  if (resumeAfter != null) return toCursor(resumeAfter)
  return isCursor(after) ? after : null
}

/** The one field of a valid subscription, wherever its fragments hide it. */
function rootField({ operation, fragmentDefinitions }: ValidatedSubscriptionArgs): FieldNode {
  const find = (set: SelectionSetNode): FieldNode | undefined => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) return node
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragmentDefinitions[node.name.value] : node
      const found = inner && find(inner.selectionSet)
      if (found !== undefined) return found
    }
    return undefined
  }
  const field = find(operation.selectionSet)
  if (field === undefined) throw new Error('A valid subscription has no field.')
  return field
}
