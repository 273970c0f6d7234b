import { onTestFinished } from 'vitest'
import { openChannel } from './channel.ts'
import { authorizationOf } from './people.ts'

/** One hint, as it was told, and when by `performance.now`. */
export interface Glimpse<Hint> {
  readonly at: number
  readonly hint: Hint
}

/** Looks on at one subscription to something that is never stored, over one socket that must stay. */
export interface Onlooker<Hint> {
  readonly seen: readonly Glimpse<Hint>[]
  /** How it ended, in words; undefined while it goes on. */
  readonly ending: string | undefined
}

export interface Onlooking {
  readonly url: URL
  readonly userId: string
  /** With the one field `hint`. */
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export async function lookOn<Hint>({ url, userId, query, variables }: Onlooking): Promise<Onlooker<Hint>> {
  const seen: Glimpse<Hint>[] = []
  let ending: string | undefined
  const subscribing = { url, authorization: await authorizationOf(userId), query, ...(variables && { variables }) }
  const leave = openChannel('WebSocket', subscribing, {
    next({ data, errors }) {
      if (data == null) ending = JSON.stringify(errors)
      else seen.push({ at: performance.now(), hint: data['hint'] as Hint })
    },
    end(how) {
      ending = JSON.stringify(how)
    },
  })
  onTestFinished(leave)
  return {
    seen,
    get ending() {
      return ending
    },
  }
}
