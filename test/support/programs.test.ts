import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Machine, program } from './programs.ts'

const SOURCE = { env: 'GADGET_PATH', packages: ['gadget', 'gadget-data'] }
const ADVICE = 'Install it (on Debian, apt-get install gadget gadget-data), or set GADGET_PATH to its path.'

/** A machine whose PATH leads to an empty directory first. */
function machineWith(rest: Partial<Machine> = {}): Machine & { readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'colloquy-programs-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const env = { PATH: `${directory}:/usr/bin:/bin`, ...rest.env }
  return { directory, mayInstall: false, lock: join(directory, 'lock'), ...rest, env }
}

function put(directory: string, name: string, script: string): string {
  const path = join(directory, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

/** An apt-get that notes what it is asked, and brings the gadget. */
function putAptGet(directory: string): void {
  const bring = `printf '#!/bin/sh\\n' > ${directory}/gadget; chmod 755 ${directory}/gadget`
  put(directory, 'apt-get', `echo "$*" >> ${directory}/asked; case "$1" in install) sleep 0.2; ${bring};; esac`)
}

test('the environment comes first', async () => {
  const machine = machineWith()
  put(machine.directory, 'gadget', '')
  const other = put(machine.directory, 'other', '')
  expect(await program('gadget', SOURCE, { ...machine, env: { ...machine.env, GADGET_PATH: other } })).toBe(other)
})

test('a path in the environment that cannot be run is told, not passed over', async () => {
  const machine = machineWith({ env: { GADGET_PATH: '/no/such/gadget' } })
  put(machine.directory, 'gadget', '')
  const reason = 'GADGET_PATH is /no/such/gadget, which cannot be run'
  await expect(program('gadget', SOURCE, machine)).rejects.toThrow(`The tests need gadget: ${reason}. ${ADVICE}`)
})

test('then comes the PATH', async () => {
  const machine = machineWith({ mayInstall: true })
  putAptGet(machine.directory)
  const gadget = put(machine.directory, 'gadget', '')
  expect(await program('gadget', SOURCE, machine)).toBe(gadget)
  expect(existsSync(join(machine.directory, 'asked'))).toBe(false)
})

test('it is installed once, however many want it at once', async () => {
  const machine = machineWith({ mayInstall: true })
  putAptGet(machine.directory)
  const paths = await Promise.all([1, 2, 3].map(() => program('gadget', SOURCE, machine)))
  expect(new Set(paths)).toEqual(new Set([join(machine.directory, 'gadget')]))
  const asked = readFileSync(join(machine.directory, 'asked'), 'utf8')
  expect(asked).toBe('update\ninstall -y --no-install-recommends gadget gadget-data\n')
})

test('where it may not be installed, one line says what to install', async () => {
  const machine = machineWith()
  putAptGet(machine.directory)
  await expect(program('gadget', SOURCE, machine)).rejects.toThrow(
    `The tests need gadget: it is not on the PATH. ${ADVICE}`,
  )
  expect(existsSync(join(machine.directory, 'asked'))).toBe(false)
})

test('where apt-get fails, one line says why', async () => {
  const machine = machineWith({ mayInstall: true })
  put(machine.directory, 'apt-get', 'echo "W: hm" >&2; echo "E: Unable to locate package gadget" >&2; exit 100')
  const reason = 'apt-get could not install it (E: Unable to locate package gadget)'
  await expect(program('gadget', SOURCE, machine)).rejects.toThrow(`The tests need gadget: ${reason}. ${ADVICE}`)
})
