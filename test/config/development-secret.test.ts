import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { developmentSecret } from '../../src/config/development-secret.ts'

describe('developmentSecret', () => {
  let root: string
  let dataDir: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'colloquy-secret-'))
    dataDir = join(root, 'not', 'there', 'yet')
  })
  afterEach(() => rm(root, { recursive: true }))

  it('makes a secret of 32 random bytes once, and returns it ever after', async () => {
    const secret = await developmentSecret(dataDir)
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    expect(await developmentSecret(dataDir)).toBe(secret)
    expect(await developmentSecret(join(root, 'another'))).not.toBe(secret)
  })

  it('keeps it in a file that its owner alone may read, and leaves nothing else', async () => {
    const secret = await developmentSecret(dataDir)
    const path = join(dataDir, 'development-secret')
    expect(await readFile(path, 'utf8')).toBe(secret)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['development-secret'])
  })

  it('gives all who ask at once the same', async () => {
    const secrets = await Promise.all(Array.from({ length: 50 }, () => developmentSecret(dataDir)))
    expect(new Set(secrets).size).toBe(1)
    expect(await readdir(dataDir)).toEqual(['development-secret'])
  })

  it('gives several processes that start at once the same', async () => {
    const program = join(root, 'ask.mjs')
    const module = new URL('../../src/config/development-secret.ts', import.meta.url)
    await writeFile(
      program,
      `import { developmentSecret } from ${JSON.stringify(module.href)}
      process.once('message', async () => {
        process.send(await developmentSecret(${JSON.stringify(dataDir)}))
        process.disconnect()
      })
      process.send('ready')`,
    )
    const children = Array.from({ length: 4 }, () => fork(program, { execArgv: [] }))
    const exits = children.map(child => once(child, 'exit'))
    await Promise.all(children.map(child => once(child, 'message')))
    const answers = children.map(child => once(child, 'message'))
    for (const child of children) child.send('go')
    const secrets = (await Promise.all(answers)).map(([secret]) => secret)
    await Promise.all(exits)
    expect(new Set(secrets)).toEqual(new Set([await developmentSecret(dataDir)]))
  })

  it('refuses a file that holds less than a secret, and does not overwrite it', async () => {
    await developmentSecret(dataDir)
    const path = join(dataDir, 'development-secret')
    await writeFile(path, 'short')
    await expect(developmentSecret(dataDir)).rejects.toThrow(/development-secret is damaged/)
    expect(await readFile(path, 'utf8')).toBe('short')
  })
})
