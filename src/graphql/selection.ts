import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, ValidatedSubscriptionArgs } from 'graphql'
import { type Cursor, encodeCursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Payload, Selection } from '../stream/selection.ts'
import { type ContextSources, StreamContext } from './context.ts'
import { type Mask, toRequestError } from './errors.ts'
import type { Plans, Response } from './execution/plan.ts'
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
export function createSelections(schema: GraphQLSchema, plans: Plans, sources: ContextSources, mask: Mask): Selections {
  const templates = new WeakMap<object, Template>()
  const loadersOf = new WeakMap<object, Loaders>()
  /** A source is shown to one selection after the other: no other source comes between them. */
  let latest: { readonly source: object; readonly loaders: Loaders } | undefined

  const template = (document: DocumentNode, operation: OperationDefinitionNode): Template => {
    const known = templates.get(operation) ?? templateOf(schema, document, operation)
    templates.set(operation, known)
    return known
  }
  const loaders = <Source extends object>(source: Source, tenantId: string, shape: StreamShape<Source>): Loaders => {
    const group = shape.groupOf?.(source) ?? source
    if (latest?.source === source) return latest.loaders
    const known = loadersOf.get(group) ?? createLoaders(sources.store.tenant(tenantId))
    if (group !== source) loadersOf.set(group, known)
    shape.prime(source, known)
    latest = { source, loaders: known }
    return known
  }

  const fail = (error: unknown): never => {
    throw toRequestError(mask(error))
  }

  return {
    create({ document, operation, variableValues }, viewer, shape) {
      const shown = template(document, operation)
      const asker = shown.ofViewer ? viewer : null
      const plan = plans(document, operation)
      const { tenantId } = viewer
      return {
        key: keyOf(shown, variableValues.coerced, viewer.userId),
        render(source) {
          const position = shape.positionOf(source)
          try {
            const context = new StreamContext(sources, tenantId, loaders(source, tenantId, shape), asker)
            const response = plan.execute(variableValues, source, context)
            return response instanceof Promise
              ? response.then(known => payload(known, position)).catch(fail)
              : payload(response, position)
          } catch (error) {
            return fail(error)
          }
        },
      }
    },
  }
}

/** Throws the first error of the response: of one with an error nothing may be delivered. */
function payload({ data, errors }: Response, at: Cursor | null): Payload {
  const [error] = errors ?? []
  if (error !== undefined) throw error
  const text = JSON.stringify(data)
  if (at === null) return { json: `{"data":${text}}`, position: null, wire: undefined }
  const position = encodeCursor(at)
  return { json: `{"data":${text},"extensions":{"position":"${position}"}}`, position, wire: undefined }
}
