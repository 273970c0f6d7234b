import { type Child, startChild } from '../process/child.ts'
import { Measured, Opened, type OpenQuestion, type Question } from './plan.ts'

/** The load of one server, in a process of its own. */
export interface Load {
  readonly pid: number
  /** Opens a scene; resolves with the milliseconds that it took. */
  open(plan: Omit<OpenQuestion, 'type'>): Promise<number>
  run(run: Exclude<Question, { readonly type: 'open' | 'close' }>): Promise<Measured>
  /** Lets all sockets go. */
  close(): Promise<void>
  end(): Promise<void>
}

const MAIN = new URL('./main.ts', import.meta.url).pathname

export function startLoad(cores: string | null): Load {
  const child: Child = startChild({ command: [MAIN], cores })
  return {
    pid: child.pid,
    async open(plan) {
      return Opened.parse(await child.ask({ type: 'open', ...plan })).ms
    },
    async run(question) {
      return Measured.parse(await child.ask(question))
    },
    async close() {
      await child.ask({ type: 'close' })
    },
    end: () => child.end(),
  }
}
