import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { DataDirectoryInUseError, lockDirectory } from '../../../src/store/database/directory-lock.ts'
import { type Child, moduleUrl, startChild } from '../../support/child.ts'

let directory: string
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'colloquy-lock-')), 'data')
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

async function childWithLock(): Promise<Child> {
  const child = startChild(`
    import { lockDirectory } from '${moduleUrl('store/database/directory-lock.ts')}'
    lockDirectory('${directory}')
    console.log('locked')
    setInterval(() => {}, 1000)
  `)
  onTestFinished(() => child.kill())
  expect(await child.line()).toBe('locked')
  return child
}

it('is held by one at a time within a process, and can be taken again once given back', () => {
  const unlock = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow(DataDirectoryInUseError)
  unlock()
  unlock()
  lockDirectory(directory)()
})

it('refuses a second process in one line that names the directory', async () => {
  await childWithLock()
  expect(() => lockDirectory(directory)).toThrow(DataDirectoryInUseError)
  expect(() => lockDirectory(directory)).toThrow(/^[^\n]*\/data is in use by another process[^\n]*$/)
})

it('is free as soon as its owner was killed', async () => {
  const child = await childWithLock()
  await child.kill()
  lockDirectory(directory)()
})

it('is had by exactly one of many that take it at once from a killed owner', async () => {
  const child = await childWithLock()
  await child.kill()
  const contender = `
    import { lockDirectory } from '${moduleUrl('store/database/directory-lock.ts')}'
    try { lockDirectory('${directory}'); console.log('had it') } catch (error) { console.log(error.name) }
    setInterval(() => {}, 1000)
  `
  const contenders = Array.from({ length: 4 }, () => startChild(contender))
  onTestFinished(async () => {
    await Promise.all(contenders.map(each => each.kill()))
  })
  const said = await Promise.all(contenders.map(each => each.line()))
  const refused = 'DataDirectoryInUseError'
  expect(said.sort()).toEqual([refused, refused, refused, 'had it'])
})
