/** What a listener of a room is still to be shown. Bounded: what it is the state of is kept in its newest form only. */
export interface Backlog<Source> {
  /** Goes before all that is held, and is kept whole. */
  begin(state: readonly Source[]): void
  hold(source: Source): void
  /** The next, which is no longer held. */
  take(): Source | undefined
}

export interface BacklogRules<Source> {
  keyOf(source: Source): string | null
  newer?(held: Source, state: Source): boolean
  /** How many keys, and how many sources without one; the oldest go first. */
  readonly maxStates: number
  readonly maxQueue: number
}

export function createBacklog<Source>(rules: BacklogRules<Source>): Backlog<Source> {
  const latest = new Map<string, Source>()
  const queue: Source[] = []
  let state: Source[] = []

  /** What is held and says no more than the state does. */
  function forgetOlder(key: string, said: Source): void {
    const held = latest.get(key)
    if (held !== undefined && rules.newer !== undefined && !rules.newer(held, said)) latest.delete(key)
  }

  function takeLatest(): Source | undefined {
    for (const [key, source] of latest) {
      latest.delete(key)
      return source
    }
    return undefined
  }

  return {
    begin(said) {
      state = said.toReversed()
      for (const source of said) {
        const key = rules.keyOf(source)
        if (key !== null) forgetOlder(key, source)
      }
    },
    hold(source) {
      const key = rules.keyOf(source)
      if (key === null) {
        queue.push(source)
        if (queue.length > rules.maxQueue) queue.shift()
        return
      }
      latest.delete(key)
      latest.set(key, source)
      const [oldest] = latest.size > rules.maxStates ? latest.keys() : []
      if (oldest !== undefined) latest.delete(oldest)
    },
    take: () => state.pop() ?? takeLatest() ?? queue.shift(),
  }
}
