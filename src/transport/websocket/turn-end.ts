/** Runs tasks at the end of the current turn of the event loop, all of them from one timer. */
export interface TurnEnd {
  add(task: () => void): void
}

export function createTurnEnd(): TurnEnd {
  let tasks: (() => void)[] = []

  const run = () => {
    const due = tasks
    tasks = []
    for (const task of due) task()
  }

  return {
    add(task) {
      if (tasks.length === 0) setImmediate(run)
      tasks.push(task)
    },
  }
}
