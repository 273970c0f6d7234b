/** The users of whom Redis is still to be told anew. However many they are, only some are on their way at a time. */
export interface Registration {
  /** Tells of these users, and no longer of those before. Resolves with whether it told of all. */
  begin(users: Iterable<string>): Promise<boolean>
  /** Whether the user is still to be told of. */
  has(user: string): boolean
  /** The user is told of out of turn. */
  drop(user: string): void
  /** Tells of nobody any more. */
  end(): void
}

/** Few, so that what happens meanwhile does not wait for all that was. */
const AT_ONCE = 8

/** `register` tells of one user, and resolves with whether Redis was told. */
export function createRegistration(register: (user: string) => Promise<boolean>): Registration {
  let pending = new Set<string>()

  async function walk(users: Set<string>): Promise<boolean> {
    for (const user of users) {
      users.delete(user)
      if (!(await register(user)) || users !== pending) return false
    }
    return users === pending
  }

  return {
    async begin(users) {
      const all = new Set(users)
      pending = all
      const told = await Promise.all(Array.from({ length: AT_ONCE }, () => walk(all)))
      return told.every(Boolean)
    },
    has: user => pending.has(user),
    drop: user => void pending.delete(user),
    end() {
      pending = new Set()
    },
  }
}
