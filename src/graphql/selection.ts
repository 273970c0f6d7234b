import {
  type ExecutionResult,
  executeSubscriptionEvent,
  type GraphQLSchema,
  type ValidatedSubscriptionArgs,
} from 'graphql'
import { type Cursor, encodeCursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Payload, Selection } from '../stream/selection.ts'
import { type ContextSources, streamContext } from './context.ts'
import { type Mask, toRequestError } from './errors.ts'
import { map } from './eventually.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import { keyOf, type Template, templateOf } from './selection-key.ts'

/** How the sources of one kind of stream are read. */
export interface StreamShape<Source extends object> {
  /** Where the source moves its reader; null in a stream without a log. */
  positionOf(source: Source): Cursor | null
  /** Tells the loaders what the source knows already. */
  prime(source: Source, loaders: Loaders): void
  /** What the sources have in common that may share what is loaded for them. Default: each is alone. */
  groupOf?(source: Source): object
}

export interface Selections {
  /** `args` are those of a valid subscription; they are used as they are for each source. */
  create<Source extends object>(
    args: ValidatedSubscriptionArgs,
    viewer: Viewer,
    shape: StreamShape<Source>,
  ): Selection<Source>
}

/**
 * Makes selections: what one subscription shows of a source. All selections that show the same source share what is loaded for it. `render` stays
 * synchronous while all resolvers do; when the result has any error it throws `RequestError`, with the first one's code.
 */
export function createSelections(schema: GraphQLSchema, sources: ContextSources, mask: Mask): Selections {
  const templates = new WeakMap<object, Template>()
  const loadersOf = new WeakMap<object, Loaders>()

  const template = ({ document, operation }: ValidatedSubscriptionArgs): Template => {
    const known = templates.get(operation) ?? templateOf(schema, document, operation)
    templates.set(operation, known)
    return known
  }
  const loaders = <Source extends object>(source: Source, tenantId: string, shape: StreamShape<Source>): Loaders => {
    const group = shape.groupOf?.(source) ?? source
    const known = loadersOf.get(group)
    if (known !== undefined) return known
    const made = createLoaders(sources.store.tenant(tenantId))
    shape.prime(source, made)
    loadersOf.set(group, made)
    return made
  }

  return {
    create(args, viewer, shape) {
      const shown = template(args)
      const asker = shown.ofViewer ? viewer : null
      const { tenantId } = viewer
      return {
        key: keyOf(shown, args.variableValues.coerced, viewer.userId),
        render(source) {
          const contextValue = streamContext(sources, tenantId, loaders(source, tenantId, shape), asker)
          const { signal } = contextValue.allowance
          const result = executeSubscriptionEvent({
            ...args,
            rootValue: source,
            contextValue,
            externalAbortSignal: signal,
          })
          const position = shape.positionOf(source)
          return map(result, done => payload(done, position, mask))
        },
      }
    },
  }
}

function payload({ data, errors }: ExecutionResult, at: Cursor | null, mask: Mask): Payload {
  const [first] = errors?.map(mask) ?? []
  if (first !== undefined) throw toRequestError(first)
  const position = at && encodeCursor(at)
  return { json: JSON.stringify(position === null ? { data } : { data, extensions: { position } }), position }
}
