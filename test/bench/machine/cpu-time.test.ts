import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { familySeconds } from '../../../bench/src/machine/cpu-time.ts'

const BURN = 'while (process.cpuUsage().user < 300_000) ;'
const PARENT = `
const { spawnSync } = require('node:child_process')
spawnSync(process.execPath, ['-e', ${JSON.stringify(BURN)}])
console.log('ended')
setInterval(() => {}, 1_000)`

test.runIf(process.platform === 'linux')('a family has used what its ended children used', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(parent.stdout, 'data')
    expect(familySeconds(parent.pid ?? 0)).toBeGreaterThanOrEqual(0.3)
  } finally {
    parent.kill()
    await once(parent, 'exit')
  }
})
