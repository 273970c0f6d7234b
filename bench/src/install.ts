import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BENCH = fileURLToPath(new URL('..', import.meta.url))

/** Installs the peers the first time: they are no dependencies of the product, and nobody but the benchmark wants them. */
export function installPeers(): void {
  if (existsSync(`${BENCH}/node_modules/.package-lock.json`)) return
  process.stderr.write('Installing the peers (npm ci in bench/) …\n')
  // Their scripts build nothing that is used here.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: BENCH,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
}
