/** What is to be run each time that something happens. */
export interface Tasks {
  /** The same task twice is run twice. The returned function ends it. */
  add(task: () => void): () => void
  run(): void
  clear(): void
}

export function createTasks(): Tasks {
  const tasks = new Set<() => void>()

  return {
    add(task) {
      const entry = () => task()
      tasks.add(entry)
      return () => {
        tasks.delete(entry)
      }
    },
    run() {
      for (const task of [...tasks]) task()
    },
    clear: () => tasks.clear(),
  }
}
