import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { OperationRequest } from '../../graphql/engine.ts'
import { HttpRefusal } from './http-refusal.ts'

/** Reads the operation of a GET from its query string. */
export function operationOfQuery(parameters: URLSearchParams): OperationRequest {
  return toOperation({
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') || undefined,
    variables: jsonParameter(parameters, 'variables'),
    extensions: jsonParameter(parameters, 'extensions'),
  })
}

/** Reads the operation of a POST from its body, which must be JSON; rejects as soon as the body is too long. */
export async function operationOfBody(request: IncomingMessage, maxBytes: number): Promise<OperationRequest> {
  return toOperation(parseJson(await readText(request, maxBytes), 'The body'))
}

/** Whether the body says to be JSON. A form cannot say so, which keeps other sites' forms out. */
export function isJson(request: IncomingMessage): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map(text => text.trim()).find(text => text.startsWith('charset='))
  return type.trim() === 'application/json' && (charset === undefined || /^charset="?utf-8"?$/.test(charset))
}

function toOperation(body: unknown): OperationRequest {
  if (Array.isArray(body)) throw malformed('Batching is not supported: send one operation per request.')
  if (!isObject(body)) throw malformed('The body must be a JSON object.')
  const { query, operationName, variables, extensions } = body
  if (typeof query !== 'string') throw malformed('"query" must be a string.')
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    throw malformed('"operationName" must be a string.')
  if (!isAbsent(variables) && !isObject(variables)) throw malformed('"variables" must be an object.')
  if (!isAbsent(extensions) && !isObject(extensions)) throw malformed('"extensions" must be an object.')
  return { query, operationName, variables, extensions }
}

const CUT_OFF = 'The body was cut off.'

function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  let size = 0
  // It may have gone while its token was verified; then none of the events below would come.
  if (request.destroyed) reject(malformed(CUT_OFF))
  const refuse = () => {
    // What is still to come is read and dropped, so that the client has ended its sending when it reads the answer. The server's
    // requestTimeout bounds that.
    request.removeAllListeners('data')
    request.resume()
    reject(new HttpRefusal('BAD_USER_INPUT', `The body is longer than ${maxBytes} bytes.`, { status: 413 }))
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    refuse()
    return promise
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) refuse()
    else chunks.push(chunk)
  })
  const cutOff = () => reject(malformed(CUT_OFF))
  request.once('end', () => {
    request.off('close', cutOff)
    const body = Buffer.concat(chunks)
    if (isUtf8(body)) resolve(body.toString())
    else reject(malformed('The body is not UTF-8.'))
  })
  request.once('error', reject)
  request.once('close', cutOff)
  return promise
}

function jsonParameter(parameters: URLSearchParams, name: string): unknown {
  const text = parameters.get(name)
  return text === null || text === '' ? undefined : parseJson(text, `"${name}"`)
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(`${what} is not JSON.`)
  }
}

function malformed(message: string): HttpRefusal {
  return new HttpRefusal('BAD_USER_INPUT', message)
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
