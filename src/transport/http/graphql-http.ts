import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { REQUEST_ERROR_CODES, RequestError } from '../../domain/errors.ts'
import type { Viewer } from '../../domain/viewer.ts'
import type { Admitted, Engine, OperationRequest } from '../../graphql/engine.ts'
import { type EventStream, singleResult } from './event-stream.ts'
import type { Accepted } from './negotiation.ts'

/** A request that is allowed in: what Yoga's pipeline works on. */
export interface GraphqlRequest extends Record<string, unknown> {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly operation: OperationRequest
  readonly accepted: Accepted
  readonly viewer: Viewer
  readonly lastEventId: string | undefined
  /** Set by the pipeline: a subscription that has opened, and how the answer differs from the plain one. */
  answer: { stream?: EventStream; status?: number }
}

/** Throws `RequestError` TOO_MANY_SUBSCRIPTIONS when the user has as many connections as one may. */
export type OpenEventStream = (response: ServerResponse, viewer: Viewer) => EventStream
export type HandleGraphql = (request: GraphqlRequest) => Promise<void>

/**
 * Yoga serves HTTP with three of its steps replaced through its own hooks. Parsing: Yoga's takes forms, answers a bad `variables` with 500 and has
 * codes that are not the contract's, so the operation comes parsed. Processing: the engine's gate and execution, as for the WebSocket, in place
 * of Yoga's parse, validate and execute, each of which knows the document but not the request. Results: our statuses, and events with an `id:`.
 */
export function createGraphqlHttp(engine: Engine, openEventStream: OpenEventStream): HandleGraphql {
  const pipeline: Plugin<Record<string, never>, GraphqlRequest> = {
    onRequestParse({ serverContext, setRequestParser }) {
      const { query, operationName, variables, extensions } = serverContext.operation
      setRequestParser(() => ({
        query,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
        ...(extensions ? { extensions } : {}),
      }))
    },
    onParams({ setParamsHandler }) {
      setParamsHandler(({ context }) => run(engine, openEventStream, context))
    },
    onResultProcess({ serverContext, setResultProcessor }) {
      setResultProcessor((result, { Response }) => respond(Response, result, serverContext), 'application/json')
    },
  }

  const yoga = createYoga<GraphqlRequest>({
    schema: engine.schema,
    graphqlEndpoint: '/graphql',
    plugins: [pipeline],
    maskedErrors: { maskError: error => engine.mask(error) },
    batching: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    maxRequestBodySize: false,
    multipart: false,
    parserAndValidationCache: false,
  })

  return request => Promise.resolve(yoga(request.req, request.res, request))
}

async function run(
  engine: Engine,
  openEventStream: OpenEventStream,
  request: GraphqlRequest,
): Promise<ExecutionResult> {
  const admitted = engine.admit(request.operation)
  if (!('kind' in admitted)) return { errors: admitted }
  const refused = refusalOf(admitted, request)
  if (refused !== undefined) {
    request.answer.status = refused.status
    return { errors: [engine.mask(new RequestError('BAD_USER_INPUT', refused.message))] }
  }
  if (admitted.kind !== 'subscription') return engine.execute(admitted, { viewer: request.viewer, session: null })
  return await subscribe(engine, openEventStream, request, admitted)
}

async function subscribe(
  engine: Engine,
  openEventStream: OpenEventStream,
  request: GraphqlRequest,
  admitted: Admitted,
): Promise<ExecutionResult> {
  try {
    const { res, viewer, lastEventId } = request
    const stream = openEventStream(res, viewer)
    const opened = await engine.subscribe(admitted, { viewer, session: null }, stream.sink, lastEventId)
    if (!('close' in opened)) return { errors: opened }
    stream.open(opened)
    request.answer.stream = stream
    return {}
  } catch (error) {
    return { errors: [engine.mask(error)] }
  }
}

/** What HTTP itself forbids, before anything is executed. */
function refusalOf({ kind }: Admitted, request: GraphqlRequest): { status: number; message: string } | undefined {
  if (kind === 'mutation' && request.req.method === 'GET') return { status: 405, message: 'A mutation needs POST.' }
  if (kind === 'subscription' && !request.accepted.eventStream) {
    return { status: 406, message: 'A subscription needs "Accept: text/event-stream", or a WebSocket.' }
  }
  return undefined
}

type ResponseConstructor = typeof globalThis.Response

async function respond(Response: ResponseConstructor, result: unknown, request: GraphqlRequest): Promise<Response> {
  const { answer, accepted } = request
  if (answer.stream !== undefined) {
    // The stream writes to the response itself, which knows how much the client has yet to read. Yoga leaves an ended response alone.
    await answer.stream.gone
    return new Response(null)
  }
  const single = toResult(result)
  if (accepted.json === null && answer.status === undefined) {
    // A browser's EventSource sees no status: a refusal is an event like any other result.
    return new Response(singleResult(single), { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  }
  const headers: Record<string, string> = { 'content-type': `${accepted.json ?? 'application/json'}; charset=utf-8` }
  if (answer.status === 405) headers['allow'] = 'POST'
  return new Response(JSON.stringify(single), { status: answer.status ?? statusOf(single), headers })
}

function toResult(result: unknown): ExecutionResult {
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result
  throw new Error('Yoga made something else of the result.')
}

/** 200 as soon as anything was executed; else what the first error's code says. */
function statusOf({ data, errors }: ExecutionResult): number {
  if (data !== undefined || errors === undefined) return 200
  const code = errors[0]?.extensions?.['code']
  const known = Object.entries(REQUEST_ERROR_CODES).find(([name]) => name === code)
  return known?.[1] ?? 500
}
