import type { Choice } from './local-users.ts'

/** What Redis was not told of a user. */
export interface Untold {
  /** The connections that ended. */
  readonly ended: Set<string>
  choice: Choice | null
}

/** Of how many users at most it is remembered. */
const USERS_MAX = 10_000

/** What happened while Redis was away, until it is told; of too many users, what happened first is forgotten first. */
export function createUntold() {
  const users = new Map<string, Untold>()

  function of(user: string): Untold {
    const known = users.get(user) ?? { ended: new Set(), choice: null }
    users.set(user, known)
    for (const oldest of users.keys()) {
      if (users.size <= USERS_MAX) break
      users.delete(oldest)
    }
    return known
  }

  return {
    names: () => users.keys(),
    /** What is untold of the user, to add to: from now on there is something. */
    of,
    /** Takes it away, to tell it; undefined when there is nothing. */
    take(user: string): Untold | undefined {
      const known = users.get(user)
      users.delete(user)
      return known
    },
    /** It could not be told after all. */
    putBack(user: string, { ended, choice }: Untold): void {
      const known = of(user)
      for (const connectionId of ended) known.ended.add(connectionId)
      known.choice ??= choice
    },
    clear: (): void => users.clear(),
  }
}
