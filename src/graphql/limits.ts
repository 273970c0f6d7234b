import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { RequestError } from '../domain/errors.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Decision, Limiter } from '../limits/limiter.ts'
import type { Context, NamedBucket } from './context.ts'
import { map } from './eventually.ts'
import { directiveOf, mutationFields } from './schema-fields.ts'

/**
 * Makes every mutation take its token before anything else of the field runs. Throws when a mutation has no `@limit`: then the schema must not be
 * served.
 */
export function applyLimits(schema: GraphQLSchema, limiter: Limiter): void {
  for (const field of mutationFields(schema)) {
    const event = limitEvent(field)
    if (event === undefined) throw new Error(`Mutation.${field.name} has no @limit.`)
    field.resolve = limited(event, limiter, field.resolve)
  }
}

/** The buckets that the schema names, each once. */
export function limitEvents(schema: GraphQLSchema): readonly string[] {
  return [...new Set(mutationFields(schema).map(limitEvent))].filter(event => event !== undefined)
}

/** Looks at the viewer's buckets of these events. */
export async function peekAll(limiter: Limiter, events: readonly string[], viewer: Viewer): Promise<NamedBucket[]> {
  return Promise.all(
    events.map(async event => {
      const state = await limiter.peek(viewer.tenantId, viewer.userId, event)
      return { event, limit: state.limit, remaining: state.remaining, retryAfterMs: state.retryAfterMs }
    }),
  )
}

function limited(
  event: string,
  limiter: Limiter,
  resolve: GraphQLFieldResolver<unknown, Context> | undefined,
): GraphQLFieldResolver<unknown, Context> {
  return (source, args, context, info) => {
    const { viewer } = context
    return map(limiter.take(viewer.tenantId, viewer.userId, event), decision =>
      decision.allowed ? resolve?.(source, args, context, info) : Promise.reject(rateLimited(event, decision)),
    )
  }
}

function rateLimited(event: string, { limit, remaining, retryAfterMs }: Decision): RequestError {
  return new RequestError('RATE_LIMITED', 'Too many of these at once.', { event, limit, remaining, retryAfterMs })
}

function limitEvent(field: Parameters<typeof directiveOf>[0]): string | undefined {
  const argument = directiveOf(field, 'limit')?.arguments?.[0]?.value
  return argument?.kind === 'StringValue' ? argument.value : undefined
}
