import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SECRET_MIN_BYTES } from '../auth/keys.ts'

/**
 * The secret of a server that was given no key: made once, then kept in `development-secret` of the data directory, readable by its owner alone.
 * Processes that start at once all get the same one. Rejects when the file cannot be written or read, or holds less than a secret.
 */
export async function developmentSecret(
  dataDir: string,
  random: (bytes: number) => Buffer = randomBytes,
): Promise<string> {
  const path = join(dataDir, 'development-secret')
  const secret =
    (await readIfThere(path)) ?? (await firstOf(dataDir, path, random(SECRET_MIN_BYTES).toString('base64url')))
  if (Buffer.byteLength(secret) < SECRET_MIN_BYTES)
    throw new Error(`${path} is damaged: delete it to have a new one made.`)
  return secret
}

/** The secret that is there afterwards: ours, or that of whoever was faster. A link appears whole or not at all, and never replaces a file. */
async function firstOf(dataDir: string, path: string, secret: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, secret, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, path)
    return secret
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return await readFile(path, 'utf8')
  } finally {
    await rm(draft, { force: true })
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
