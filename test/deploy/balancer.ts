import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inject, vi } from 'vitest'
import { fixedPort } from '../support/fixed-port.ts'
import { endKept, spawnKept } from '../support/kept-server.ts'

/** The load balancer of compose.yaml, in front of nodes on this machine. */
export interface Balancer {
  /** Where its clients find GraphQL. */
  readonly url: URL
  /** Resolves once it has found the node to be away, and then to be back. */
  returned(node: string): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/**
 * Runs the real program with the real configuration, but for the addresses: those of compose.yaml's services become those of `nodes`, and what compose.yaml
 * does not know of them is added as one more of the same.
 */
export async function startBalancer(nodes: Readonly<Record<string, URL>>): Promise<Balancer> {
  const directory = mkdtempSync(join(inject('runDirectory'), 'haproxy-'))
  const port = await fixedPort()
  const configuration = readFileSync('deploy/haproxy.cfg', 'utf8')
  const more = Object.keys(nodes).filter(name => !configuration.includes(` ${name}:4000\n`))
  const whole = configuration + more.map(name => `    server ${name} ${name}:4000\n`).join('')
  const places = Object.entries(nodes).map(([name, { host }]) => [`${name}:4000`, host] as const)
  const file = join(directory, 'haproxy.cfg')
  writeFileSync(file, [[':4000', `${HOST}:${port}`] as const, ...places].reduce(moved, whole))
  const keeper = spawnKept({
    program: inject('haproxyPath'),
    arguments: ['-db', '-f', file],
    directory,
    removeDirectory: true,
    signal: 'SIGKILL',
    owner: {},
  })
  let said = ''
  keeper.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const url = new URL(`http://${HOST}:${port}/graphql`)
  await ready(url, () => {
    if (keeper.exitCode !== null) throw new Error(`haproxy ended at its start: ${said}`)
  })
  return {
    url,
    async returned(node) {
      await vi.waitUntil(() => new RegExp(`nodes/${node} is DOWN[^]*nodes/${node} is UP`).test(said), {
        timeout: 20_000,
      })
    },
    close: () => endKept(keeper),
  }
}

/** Moves the one word of the configuration that is such an address. */
function moved(text: string, [from, to]: readonly [string, string]): string {
  const [before, after, ...more] = text.split(` ${from}\n`)
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`${from} is not there once`)
  return `${before} ${to}\n${after}`
}

async function ready(url: URL, holdOn: () => void): Promise<void> {
  for (;;) {
    const response = await fetch(new URL('/readyz', url)).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    holdOn()
    await setTimeout(50)
  }
}
