import type { Client } from 'graphql-ws/client'
import { type Backoff, pauseMs } from './backoff.ts'
import { expiryOf, type GetToken } from './token.ts'

/** A timer of a browser fires at once when it is set further ahead than 24 days. */
const LONGEST_TIMER_MS = 86_400_000
/** The last fifth of the time that a token is still good for, and at most this much of it, is left for getting another and for trying again. */
const MARGIN_MS = 60_000

const REFRESH = /* GraphQL */ `
  mutation RefreshSession($token: String!) {
    refreshSession(input: { token: $token }) { userErrors { code } }
  }
`

/** Keeps an open socket in a token that has not expired. */
export interface Session {
  /** A socket was opened under this token. */
  opened(token: string): void
  closed(): void
}

export interface SessionRequest {
  readonly client: Client
  readonly backoff: Backoff
  readonly getToken: GetToken
  /** The socket goes on under this token. */
  onRefreshed(token: string): void
  /** The server takes no other token for this socket. */
  onRefused(): void
}

type Answer = 'done' | 'refused' | 'unanswered'

export function createSession({ client, backoff, getToken, onRefreshed, onRefused }: SessionRequest): Session {
  const { clock } = backoff
  let cancel = () => {}
  /** Differs for each socket. */
  let socket = 0

  function runAt(time: number, task: () => void): void {
    const left = Math.max(0, time - clock.now())
    cancel = clock.after(Math.min(left, LONGEST_TIMER_MS), left > LONGEST_TIMER_MS ? () => runAt(time, task) : task)
  }

  function watch(token: string): void {
    cancel()
    const expiresAt = expiryOf(token)
    if (expiresAt === undefined) return
    const left = expiresAt - clock.now()
    // The server closes an expired socket, and the next one opens with a fresh token.
    if (left > 0) runAt(expiresAt - Math.min(MARGIN_MS, left / 5), () => void refresh(token, 0))
  }

  async function refresh(token: string, failures: number): Promise<void> {
    const current = socket
    const next = await Promise.resolve(token)
      .then(() => getToken('expiring'))
      .catch(() => token)
    if (current !== socket) return
    const answer = next === token ? 'unanswered' : await ask(next)
    if (current !== socket) return
    if (answer === 'done') {
      onRefreshed(next)
      watch(next)
    } else if (answer === 'refused') onRefused()
    else cancel = clock.after(pauseMs(failures + 1, backoff), () => void refresh(token, failures + 1))
  }

  function ask(token: string): Promise<Answer> {
    return new Promise(resolve => {
      client.subscribe(
        { query: REFRESH, variables: { token } },
        {
          next: result => resolve(answerOf(result.data?.['refreshSession'])),
          error: () => resolve('unanswered'),
          complete: () => resolve('unanswered'),
        },
      )
    })
  }

  return {
    opened(token) {
      socket += 1
      watch(token)
    },
    closed() {
      socket += 1
      cancel()
    },
  }
}

function answerOf(payload: unknown): Answer {
  if (typeof payload !== 'object' || payload === null || !('userErrors' in payload)) return 'unanswered'
  return Array.isArray(payload.userErrors) && payload.userErrors.length === 0 ? 'done' : 'refused'
}
