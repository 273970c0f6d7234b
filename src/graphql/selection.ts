import type { GraphQLSchema, ValidatedSubscriptionArgs } from 'graphql'
import { type Cursor, encodeCursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Payload, Selection } from '../stream/selection.ts'
import { compile, type Show } from './compile.ts'
import { type ContextSources, streamContext } from './context.ts'
import { type Mask, toRequestError } from './errors.ts'
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
  /** A source is shown to one selection after the other: no other source comes between them. */
  let latest: { readonly source: object; readonly loaders: Loaders } | undefined

  const template = ({ document, operation }: ValidatedSubscriptionArgs): Template => {
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
    create(args, viewer, shape) {
      const shown = template(args)
      const asker = shown.ofViewer ? viewer : null
      const { tenantId } = viewer
      // Made when it is first needed: of all selections of one key, one executes.
      let show: Show | undefined
      return {
        key: keyOf(shown, args.variableValues.coerced, viewer.userId),
        render(source) {
          const position = shape.positionOf(source)
          try {
            show ??= compile(args)
            const context = streamContext(sources, tenantId, loaders(source, tenantId, shape), asker)
            const data = show(source, context)
            return data instanceof Promise
              ? data.then(text => payload(text, position)).catch(fail)
              : payload(data, position)
          } catch (error) {
            return fail(error)
          }
        },
      }
    },
  }
}

function payload(data: string, at: Cursor | null): Payload {
  if (at === null) return { json: `{"data":${data}}`, position: null, wire: undefined }
  const position = encodeCursor(at)
  return { json: `{"data":${data},"extensions":{"position":"${position}"}}`, position, wire: undefined }
}
