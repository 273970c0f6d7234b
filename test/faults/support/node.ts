import { type Command, type Served, serve } from '../../cli/command.ts'
import { fixedPort } from '../../support/fixed-port.ts'
import { JWT_SECRET } from './people.ts'

/** A server process that can be killed and started again at the same address. */
export interface Node {
  /** Of its GraphQL endpoint. */
  readonly url: URL
  /** The process as it runs now, or ran last. */
  readonly command: Command
  /** Whether the process is there. */
  readonly alive: boolean
  start(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** Ends it as an operator does; rejects unless it ends well and has said nothing of a crash. */
  stop(): Promise<void>
  /** The process stands still, in the middle of whatever it did. */
  freeze(): void
  thaw(): void
  /** The status of one of its pages, `/livez` or `/readyz`. */
  status(page: string): Promise<number>
}

/** Runs the real command, or what is given in its place, at each start. It ends with the test. */
export async function startNode(env: Readonly<Record<string, string>>, launch = serve): Promise<Node> {
  const port = await fixedPort()
  const url = new URL(`http://127.0.0.1:${port}/graphql`)
  let served: Served
  let alive = false

  async function start(): Promise<void> {
    served = await launch({
      PORT: String(port),
      JWT_SECRET,
      RATE_LIMITS: 'off',
      NODE_ENV: 'production',
      ...env,
    })
    alive = true
    const { ended } = served
    void ended.then(() => {
      alive = false
    })
  }

  await start()
  return {
    url,
    get command() {
      return served
    },
    get alive() {
      return alive
    },
    start,
    async kill() {
      served.signal('SIGKILL')
      await served.ended
    },
    async stop() {
      served.signal('SIGTERM')
      const status = await served.ended
      const { stderr } = served
      const crashes = served.log().filter(({ msg }) => msg === 'crashed')
      if (status !== 0 || stderr !== '' || crashes.length > 0) {
        throw new Error(`the server ended with ${status}: ${stderr}${JSON.stringify(crashes)}`)
      }
    },
    freeze: () => served.signal('SIGSTOP'),
    thaw: () => served.signal('SIGCONT'),
    status: async page => (await fetch(new URL(page, url))).status,
  }
}
