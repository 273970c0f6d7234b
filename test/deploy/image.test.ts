import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Command, runProgram, stopped } from '../cli/command.ts'
import { postgresDatabase } from '../support/database.ts'
import { environmentsOf, readCompose } from './compose.ts'
import { readStages } from './dockerfile.ts'
import { type Image, layOut } from './image.ts'

const SECRETS = { JWT_SECRET: 'a secret of more than thirty-two bytes', POSTGRES_PASSWORD: 'password' }

let image: Image
beforeAll(async () => {
  image = await layOut()
})
afterAll(() => image?.close())

/** Runs a command of the image there. */
function runThere(directory: string, [program = '', ...args]: readonly string[], env: Record<string, string>): Command {
  return runProgram(program === 'node' ? process.execPath : program, args, { cwd: directory, env })
}

test('the image gives to Node what npm start gives', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const flagsOf = (words: readonly string[]) => words.filter(word => word.startsWith('--'))
  expect(flagsOf(image.command)).toEqual(flagsOf(scripts.start.split(' ')))
})

test('what the Dockerfile lays out serves with the environment of a node of compose.yaml, and ends at SIGTERM', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const { node1 } = environmentsOf(readCompose(SECRETS), 'colloquy')
  // Only where things are is another: what listens for the world there listens on loopback here.
  const places = { HOST: '127.0.0.1', PORT: '0', DATABASE_URL: url, REDIS_URL: inject('redisUrl') }
  const env = { ...image.environment, ...node1, ...places }
  const server = runThere(image.directory, image.command, env)
  const address = new URL(String((await server.logged('listening'))['url']))
  expect((await fetch(new URL('/readyz', address))).status).toBe(200)
  expect((await fetch(address, { method: 'POST' })).status).toBe(415)

  const healthy = runThere(image.directory, image.healthCheck, { PORT: address.port })
  expect({ status: await healthy.ended, said: healthy.stderr }).toEqual({ status: 0, said: '' })
  await stopped(server)
  const ill = runThere(image.directory, image.healthCheck, { PORT: address.port })
  expect(await ill.ended).toBe(1)
})

test('the image listens where its port is published from, and runs neither as root nor in development', async () => {
  expect(image.user).not.toMatch(/^(root|0)?(:|$)/)
  const config = readConfig({ ...image.environment, JWT_SECRET: SECRETS.JWT_SECRET })
  expect(config).toMatchObject({ environment: 'production', host: '0.0.0.0', port: 4000 })
  expect(readStages(readFileSync('Dockerfile', 'utf8')).at(-1)?.base).toBe('node:24-alpine')
  // Alpine has another C library than what is compiled for most: nothing in the image may be.
  const files = readdirSync(image.root, { recursive: true, encoding: 'utf8' })
  expect(files.filter(path => /\.(node|so|dylib|exe)$/.test(path))).toEqual([])
  expect(files.filter(path => /\/(typescript|vitest|@types)$/.test(path))).toEqual([])
})

test('what the Dockerfile copies, and nothing else, is sent to the engine', () => {
  const copied = readStages(readFileSync('Dockerfile', 'utf8')).flatMap(({ instructions }) =>
    instructions.flatMap(({ name, rest }) =>
      name === 'COPY' && !rest.startsWith('--from') ? rest.split(' ').slice(0, -1) : [],
    ),
  )
  const [first, ...allowed] = readFileSync('.dockerignore', 'utf8').trim().split('\n')
  expect(first).toBe('*')
  expect(allowed.toSorted()).toEqual([...new Set(copied)].map(path => `!${path}`).toSorted())
})
