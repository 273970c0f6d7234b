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
import { RequestError } from '../domain/errors.ts'
import type { StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Live, Services } from '../services/services.ts'
import type { Sink, Subscription } from '../stream/sink.ts'
import type { Admitted, Caller } from './engine.ts'
import { type Mask, recoded } from './errors.ts'
import type { SubscriptionResolvers } from './generated.ts'
import { checkUsers } from './resolvers/presence.ts'
import { primeMessage } from './resolvers/stream.ts'
import { isCursor, toCursor } from './scalars.ts'
import type { Selections, StreamShape } from './selection.ts'

/** A subscription about to be opened: its root field's coerced arguments, and where its results go. */
interface Opening {
  readonly viewer: Viewer
  readonly args: Arguments
  /** Where a durable stream goes on; null is from now on. */
  readonly after: Cursor | null
  live<Source extends object>(shape: StreamShape<Source>): Live<Source>
}

type Arguments = Readonly<Record<string, unknown>>
type Open = (services: Services, opening: Opening) => Promise<Subscription>

const durable: StreamShape<StreamItem> = {
  positionOf: item => item.position,
  prime: primeMessage,
}
const ephemeral: StreamShape<object> = { positionOf: () => null, prime: () => {} }

/** One entry for each root field. */
const OPEN: Record<keyof SubscriptionResolvers, Open> = {
  inbox: ({ streams }, { viewer, after, live }) => streams.openInbox(viewer, after, live(durable)),
  conversationEvents: ({ streams }, { viewer, args, after, live }) =>
    streams.openConversation(viewer, conversationId(args), after, live(durable)),
  typing: ({ typing }, { viewer, args, live }) => typing.open(viewer, conversationId(args), live(ephemeral)),
  readReceipts: ({ receipts }, { viewer, args, live }) =>
    receipts.openReads(viewer, conversationId(args), live(ephemeral)),
  deliveries: ({ receipts }, { viewer, args, live }) =>
    receipts.openDeliveries(viewer, conversationId(args), live(ephemeral)),
  presence: ({ presence }, { viewer, args, live }) => presence.open(viewer, presenceOf(args), live(ephemeral)),
  signals: ({ signals }, { viewer, args, live }) =>
    signals.open(viewer, optionalText(args['conversationId']), live(ephemeral)),
}

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
    if (field === undefined || !isRootName(root.name.value))
      throw new Error('A valid subscription has an unknown field.')
    const args = getArgumentValues(field, root, validated.variableValues)
    const after = resumePosition(resumeAfter ?? admitted.request.extensions?.['resumeAfter'], args['after'])
    return OPEN[root.name.value](services, {
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

/** A variable that does not fit its type; in production without a word of either. */
export function badVariable(error: GraphQLError, production: boolean): GraphQLError {
  return recoded(error, 'BAD_USER_INPUT', production ? 'A variable does not fit its type.' : undefined)
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

function isRootName(name: string): name is keyof typeof OPEN {
  return Object.hasOwn(OPEN, name)
}

function presenceOf(args: Arguments): { userIds: readonly string[] | null; conversationId: string | null } {
  const userIds = Array.isArray(args['userIds']) ? args['userIds'].map(String) : null
  const id = optionalText(args['conversationId'])
  if (userIds !== null) checkUsers(userIds)
  if (userIds !== null && id !== null)
    throw new RequestError('BAD_USER_INPUT', 'Either userIds or conversationId, not both.')
  return { userIds, conversationId: id }
}

function conversationId(args: Arguments): string {
  return String(args['conversationId'])
}

function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
