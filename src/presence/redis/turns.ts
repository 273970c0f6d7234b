/** Lets so many go on at a time; the others wait in the order in which they came. */
export interface Turns {
  /** Resolves with whether it may go on: then `done` has to be called. Takes no time while there is room. */
  take(): Promise<boolean> | true
  done(): void
  /** Tells all who wait that they may not. */
  dismiss(): void
  readonly waiting: number
}

export function createTurns(atOnce: number): Turns {
  const waiting = new Set<(mayGo: boolean) => void>()
  let going = 0

  return {
    take() {
      if (going === atOnce) return new Promise<boolean>(resolve => waiting.add(resolve))
      going++
      return true
    },
    done() {
      const [next] = waiting
      if (next === undefined) {
        going--
        return
      }
      waiting.delete(next)
      next(true)
    },
    dismiss() {
      const all = [...waiting]
      waiting.clear()
      for (const resolve of all) resolve(false)
    },
    get waiting() {
      return waiting.size
    },
  }
}
