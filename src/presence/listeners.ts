/** Those who are told. One that throws is reported, and the others are told all the same. */
export function createListeners<Told extends readonly unknown[]>(onListenerError: (error: unknown) => void) {
  const listeners: ((...told: Told) => void)[] = []
  return {
    add(listener: (...told: Told) => void): void {
      listeners.push(listener)
    },
    tell(...told: Told): void {
      for (const listener of listeners) {
        try {
          listener(...told)
        } catch (error) {
          onListenerError(error)
        }
      }
    },
  }
}
