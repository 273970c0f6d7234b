import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inject } from 'vitest'
import { endKept, spawnKept } from '../support/kept-server.ts'
import { freePort } from '../support/redis-server.ts'

/** The load balancer of compose.yaml, in front of nodes on this machine. */
export interface Balancer {
  /** Where its clients find GraphQL. */
  readonly url: URL
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** Runs the real program with the real configuration, but for the addresses: those of compose.yaml's services become those of `nodes`. */
export async function startBalancer(nodes: Readonly<Record<string, URL>>): Promise<Balancer> {
  const directory = mkdtempSync(join(inject('runDirectory'), 'haproxy-'))
  const port = await freePort(HOST)
  const places = Object.entries(nodes).map(([name, { host }]) => [`${name}:4000`, host] as const)
  const file = join(directory, 'haproxy.cfg')
  writeFileSync(
    file,
    [[':4000', `${HOST}:${port}`] as const, ...places].reduce(moved, readFileSync('deploy/haproxy.cfg', 'utf8')),
  )
  const keeper = spawnKept({
    program: inject('haproxyPath'),
    arguments: ['-db', '-f', file],
    directory,
    removeDirectory: true,
    signal: 'SIGKILL',
    owner: {},
  })
  const url = new URL(`http://${HOST}:${port}/graphql`)
  await ready(url, keeper)
  return { url, close: () => endKept(keeper) }
}

/** Moves the one word of the configuration that is such an address. */
function moved(text: string, [from, to]: readonly [string, string]): string {
  const [before, after, ...more] = text.split(` ${from}\n`)
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`${from} is not there once`)
  return `${before} ${to}\n${after}`
}

async function ready(url: URL, keeper: ChildProcess): Promise<void> {
  let said = ''
  keeper.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  for (;;) {
    const response = await fetch(new URL('/readyz', url)).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    if (keeper.exitCode !== null) throw new Error(`haproxy ended at its start: ${said}`)
    await setTimeout(50)
  }
}
