import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql'
import { Refusal, RequestError } from '../../src/domain/errors.ts'
import type { Admitted, Caller, Engine, OperationRequest } from '../../src/graphql/engine.ts'
import type { Sink } from '../../src/stream/sink.ts'

/** An open subscription of the fixture, in the test's hands. */
export interface Feed {
  readonly sink: Sink
  readonly field: string
  readonly resumeAfter: string | undefined
  readonly caller: Caller
  closed: boolean
}

export interface EngineFixture extends Engine {
  /** Root fields that ran, in order. */
  readonly executed: string[]
  /** Subscriptions that were opened, in order. */
  readonly feeds: Feed[]
  /** Lets `slow`, `slowly` and `late` answer. */
  release(): void
}

const schema = buildSchema(`
  type Query { hello: String! whoami: String! big(size: Int!): String! broken: String slow: String }
  type Mutation { bump: Int limited: Int refresh(token: String!): String slowly: Int }
  type Subscription { ticks: Int! eager(count: Int! = 3): Int! late: Int! denied: Int! }
`)

/** A small engine that honours the contract: the transports' tests need no more of GraphQL than this. */
export function createEngineFixture(): EngineFixture {
  const executed: string[] = []
  const feeds: Feed[] = []
  const gate = Promise.withResolvers<void>()
  const root = createRoot(executed, gate.promise)

  return {
    schema,
    executed,
    feeds,
    release: () => gate.resolve(),
    admit,
    async execute(admitted, caller): Promise<ExecutionResult> {
      const result = await execute({
        schema,
        document: admitted.document,
        rootValue: root,
        contextValue: caller,
        variableValues: admitted.request.variables ?? {},
        operationName: admitted.request.operationName ?? null,
      })
      return result.errors === undefined ? result : { ...result, errors: result.errors.map(mask) }
    },
    async subscribe(admitted, caller, sink, resumeAfter) {
      const field = rootField(admitted.document)
      if (field === 'denied') return [mask(new RequestError('NOT_FOUND', 'There is no such thing.'))]
      const feed: Feed = { sink, field, resumeAfter, caller, closed: false }
      feeds.push(feed)
      if (field === 'late') await gate.promise
      // Eager: before the transport knows that the subscription is open.
      if (field === 'eager') {
        for (const value of [1, 2, 3]) sink.write({ json: `{"data":{"eager":${value}}}`, position: null })
        sink.end()
      }
      return {
        close() {
          feed.closed = true
        },
      }
    },
    mask,
  }
}

function createRoot(executed: string[], slow: Promise<void>) {
  return {
    hello: () => note(executed, 'hello', 'world'),
    whoami: (_args: unknown, { viewer }: Caller) => `${viewer.userId}/${viewer.tenantId}`,
    big: ({ size }: { size: number }) => 'x'.repeat(size),
    broken() {
      throw new Error('SELECT secret FROM vault')
    },
    slow: () => slow.then(() => note(executed, 'slow', 'done')),
    bump: () => note(executed, 'bump', 1),
    slowly: () => slow.then(() => note(executed, 'slowly', 1)),
    limited() {
      throw new RequestError('RATE_LIMITED', 'Too often.', { event: 'bump', limit: 1, remaining: 0, retryAfterMs: 5 })
    },
    async refresh({ token }: { token: string }, { session }: Caller) {
      if (session === null) return 'NO_SESSION'
      try {
        return (await session.refresh(token)).userId
      } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
      }
    },
  }
}

function note<Value>(executed: string[], name: string, value: Value): Value {
  executed.push(name)
  return value
}

function admit(request: OperationRequest): Admitted | readonly GraphQLError[] {
  const document = parsed(request.query)
  if (document instanceof GraphQLError) return [coded(document.message, 'GRAPHQL_PARSE_FAILED')]
  const errors = validate(schema, document)
  if (errors.length > 0) return errors.map(error => coded(error.message, 'GRAPHQL_VALIDATION_FAILED'))
  const operation = getOperationAST(document, request.operationName)
  if (operation === null || operation === undefined) return [coded('Which operation?', 'GRAPHQL_VALIDATION_FAILED')]
  return { kind: operation.operation, request, document, operation }
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query)
  } catch (error) {
    return error instanceof GraphQLError ? error : new GraphQLError(String(error))
  }
}

function rootField(document: DocumentNode): string {
  const operation = getOperationAST(document)
  const field =
    operation?.operation === OperationTypeNode.SUBSCRIPTION ? operation.selectionSet.selections[0] : undefined
  return field?.kind === 'Field' ? field.name.value : ''
}

function coded(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

function mask(error: unknown): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.cause ?? error.originalError) : error
  const path = error instanceof GraphQLError && error.path !== undefined ? { path: error.path } : {}
  if (cause instanceof RequestError) {
    return new GraphQLError(cause.message, { ...path, extensions: { code: cause.code, ...cause.details } })
  }
  if (error instanceof GraphQLError && typeof error.extensions['code'] === 'string') return error
  if (error instanceof GraphQLError && (cause === undefined || cause instanceof GraphQLError))
    return coded(error.message, 'BAD_USER_INPUT')
  return new GraphQLError('Internal server error', { ...path, extensions: { code: 'INTERNAL_SERVER_ERROR' } })
}
