import type { ServerResponse } from 'node:http'
import { REQUEST_ERROR_CODES, type RequestErrorCode } from '../../domain/errors.ts'

/** "Not this request": thrown by a step before anything is executed, written in one place. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly code: RequestErrorCode
  /** The code's own status unless HTTP has a more exact one. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: RequestErrorCode,
    message: string,
    options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.code = code
    this.status = options.status ?? REQUEST_ERROR_CODES[code]
    this.headers = options.headers ?? {}
  }
}

/** Answers with the refusal as a GraphQL result. */
export function writeRefusal(response: ServerResponse, refusal: HttpRefusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = JSON.stringify({ errors: [{ message: refusal.message, extensions: { code: refusal.code } }] })
  response.writeHead(refusal.status, {
    ...refusal.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
