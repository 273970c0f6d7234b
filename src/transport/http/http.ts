import type { IncomingMessage, ServerResponse } from 'node:http'
import { TokenError } from '../../auth/token-error.ts'
import type { Viewer } from '../../domain/viewer.ts'
import type { Logger } from '../../observe/logger.ts'
import { readBearer } from '../bearer.ts'
import type { GraphiqlPage } from '../graphiql/graphiql.ts'
import type { TransportOptions } from '../options.ts'
import { originAllowed } from '../origin.ts'
import type { Authenticate } from '../session.ts'
import type { HandleGraphql } from './graphql-http.ts'
import { HttpRefusal, writeRefusal } from './http-refusal.ts'
import { negotiate } from './negotiation.ts'
import { isJson, operationOfBody, operationOfQuery } from './operation-request.ts'

/** Answers one request of another subject than GraphQL, such as /metrics. */
export type Page = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface HttpRequestHandling {
  readonly options: TransportOptions
  readonly logger: Logger
  readonly authenticate: Authenticate
  readonly graphql: HandleGraphql
  readonly graphiql: GraphiqlPage | null
  readonly pages: ReadonlyMap<string, Page>
  /** A user has asked for something. */
  readonly onActivity: (viewer: Viewer) => void
  /** Whether the server wants no more work. */
  readonly draining: () => boolean
}

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/** Every HTTP request's way, in order. Nothing is read before the page it comes from is known to be allowed, nothing executed before its user is known. */
export function createHttpHandler(handling: HttpRequestHandling) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      response.setHeaders(new Map(Object.entries(SECURITY_HEADERS)))
      if (handling.draining()) response.setHeader('connection', 'close')
      const url = parseUrl(request)
      if (url.pathname === '/graphql') await serveGraphql(handling, request, response, url)
      else await servePage(handling, request, response, url.pathname)
    } catch (error) {
      // The connection closes after the answer: with something unread in it, it would be reset, and the answer with it.
      if (handling.draining()) await rest(request)
      writeRefusal(response, toRefusal(error, handling.logger))
    }
  }
}

async function serveGraphql(
  handling: HttpRequestHandling,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  allowOrigin(request, response, handling.options)
  if (request.method === 'OPTIONS') return answerPreflight(response)
  if (request.method !== 'GET' && request.method !== 'POST') {
    throw new HttpRefusal('BAD_USER_INPUT', 'GraphQL is served by GET and POST.', {
      status: 405,
      headers: { allow: 'GET, POST' },
    })
  }
  if (handling.graphiql?.wantedBy(request, url)) return handling.graphiql.servePage(response)
  if (handling.draining()) throw unavailable('The server is restarting. Try again.')
  if (request.method === 'POST' && !isJson(request)) {
    throw new HttpRefusal('BAD_USER_INPUT', 'The body must be application/json.', { status: 415 })
  }
  const accepted = negotiate(request.headers.accept)
  if (accepted === undefined) {
    const message = 'The server answers with application/json, application/graphql-response+json or text/event-stream.'
    throw new HttpRefusal('BAD_USER_INPUT', message, { status: 406 })
  }
  const viewer = await authenticate(handling.authenticate, request)
  const operation =
    request.method === 'GET'
      ? operationOfQuery(url.searchParams)
      : await operationOfBody(request, handling.options.maxBodyBytes)
  handling.onActivity(viewer)
  const lastEventId = header(request, 'last-event-id')
  await handling.graphql({ req: request, res: response, operation, accepted, viewer, lastEventId, answer: {} })
}

async function servePage(
  handling: HttpRequestHandling,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const page = handling.pages.get(path)
  if (page !== undefined) return page(request, response)
  if (await handling.graphiql?.serveAsset(request, response, path)) return
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n')
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, options: TransportOptions): void {
  response.setHeader('vary', 'Origin, Accept')
  if (!originAllowed(request, options)) throw new HttpRefusal('FORBIDDEN', 'This origin may not connect.')
  if (request.headers.origin !== undefined) response.setHeader('access-control-allow-origin', request.headers.origin)
}

/** No credentials are allowed: tokens travel in a header that the page sets itself. */
function answerPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, accept, last-event-id',
      'access-control-max-age': '600',
    })
    .end()
}

async function authenticate(verify: Authenticate, request: IncomingMessage): Promise<Viewer> {
  return verify(readBearer(request.headers.authorization))
}

function toRefusal(error: unknown, logger: Logger): HttpRefusal {
  if (error instanceof HttpRefusal) return error
  if (!(error instanceof TokenError)) {
    logger.error({ error }, 'A request failed')
    return new HttpRefusal('INTERNAL_SERVER_ERROR', 'Internal server error')
  }
  if (error.reason === 'unavailable') return unavailable(error.message)
  const message = error.reason === 'missing' ? 'A token is required: "Authorization: Bearer …".' : error.message
  return new HttpRefusal('UNAUTHENTICATED', message, { headers: { 'www-authenticate': 'Bearer' } })
}

function unavailable(message: string): HttpRefusal {
  return new HttpRefusal('UNAVAILABLE', message, { headers: { 'retry-after': '1' } })
}

/** A Host that is none is refused here: Yoga, which makes an address of it too, answers that with a stack trace. */
function parseUrl(request: IncomingMessage): URL {
  const path = request.url ?? '/'
  const [target, addressed] = [`http://localhost${path}`, `http://${request.headers.host || 'localhost'}${path}`]
  if (URL.canParse(target) && URL.canParse(addressed)) return new URL(target)
  throw new HttpRefusal('BAD_USER_INPUT', 'The address is malformed.')
}

/** Reads what is still to come of the body, and drops it. The server's requestTimeout bounds that. */
async function rest(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  request.once('close', resolve).resume()
  await promise
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
