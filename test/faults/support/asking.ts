import { type Client, createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Address, addressNow } from './addresses.ts'
import { authorizationOf } from './people.ts'

/** One operation as one user. Rejects with `Refused` for top-level errors, and with anything else when no answer came. */
export type Ask = <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Data>

/** The answer had top-level errors. */
export class Refused extends Error {
  override readonly name = 'Refused'
  /** The first error's `extensions.code`. */
  readonly code: string

  constructor(errors: readonly GraphqlError[]) {
    super(JSON.stringify(errors))
    this.code = String(errors[0]?.extensions?.['code'])
  }
}

export interface GraphqlError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly GraphqlError[]
}

/** Milliseconds after which an answer is waited for no more: above all that the server documents. */
const PATIENCE = 30_000

/** Each a POST, over connections that are kept alive. */
export async function askOverHttp(address: Address, userId: string): Promise<Ask> {
  const authorization = await authorizationOf(userId)
  return async (query, variables = {}) => {
    const response = await fetch(addressNow(address), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE),
    })
    return dataOf(await response.json())
  }
}

/** All over one socket. When that is lost, so are the answers that are due; the next question opens another. */
export async function askOverSocket(address: Address, userId: string): Promise<Ask> {
  const client = createClient({
    url: () => addressNow(address).href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf(userId) },
    retryAttempts: 0,
    lazyCloseTimeout: 60_000,
  })
  onTestFinished(() => client.dispose())
  return async (query, variables = {}) => dataOf(await answerOver(client, query, variables))
}

function answerOver(client: Client, query: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined
    client.subscribe(
      { query, variables: { ...variables } },
      {
        next(result) {
          answer = result as Answer
        },
        error: why => (Array.isArray(why) ? resolve({ errors: why }) : reject(why)),
        complete: () => (answer === undefined ? reject(new Error('no answer')) : resolve(answer)),
      },
    )
  })
}

function dataOf<Data>({ data, errors }: Answer): Data {
  if (errors !== undefined) throw new Refused(errors)
  return data as Data
}
