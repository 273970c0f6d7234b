import { onTestFinished } from 'vitest'
import { type Ask, askOverHttp } from './asking.ts'
import { openChannel } from './channel.ts'
import { authorizationOf } from './people.ts'

export type Status = 'ONLINE' | 'AWAY' | 'OFFLINE'

const QUERY = 'query($userIds: [ID!]!) { presence(userIds: $userIds) { user { id } status } }'
const WATCH = 'subscription { presence { user { id } status } }'

/** Of one user. */
interface Shown {
  readonly user: { readonly id: string }
  readonly status: Status
}

/** Whether users are there, as a node says to whoever asks it. */
export async function askPresence(url: URL, userId: string) {
  const ask: Ask = await askOverHttp(url, userId)
  return async (userIds: readonly string[]): Promise<ReadonlyMap<string, Status>> => {
    const { presence } = await ask<{ readonly presence: readonly Shown[] }>(QUERY, { userIds })
    return new Map(presence.map(({ user, status }) => [user.id, status]))
  }
}

/** All that a node has said of everyone in the tenant, each user's statuses in the order in which they came. Throws once it has ended. */
export async function watchPresence(url: URL, userId: string): Promise<() => ReadonlyMap<string, readonly Status[]>> {
  const said = new Map<string, Status[]>()
  let end: unknown
  const authorization = await authorizationOf(userId)
  const leave = openChannel(
    'WebSocket',
    { url, authorization, query: WATCH },
    {
      next({ data }) {
        if (!data) return
        const { user, status } = data['presence'] as Shown
        said.set(user.id, [...(said.get(user.id) ?? []), status])
      },
      end(ending) {
        end = ending
      },
    },
  )
  onTestFinished(leave)
  return () => {
    if (end !== undefined) throw new Error(`the watch of ${userId} ended`, { cause: end })
    return said
  }
}

/** How often somebody who was there was said to be gone. */
export function flapsIn(statuses: readonly Status[]): number {
  return statuses.filter((status, index) => status === 'OFFLINE' && statuses[index - 1] === 'ONLINE').length
}
