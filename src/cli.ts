import { parseArgs } from 'node:util'
import { mintToken } from './auth/mint-token.ts'
import { type Config, readConfig } from './config.ts'
import { createLogger } from './observe/pino.ts'
import { keyMaterial, type RunningServer, startServer } from './server.ts'

const USAGE = `Usage:
  serve                                       starts the server
  token --tenant ID --user ID [--name NAME] [--role ROLE]... [--ttl 1h]
                                              prints a token signed with JWT_SECRET or the development secret`

/** The users whose addresses a development server prints. */
const DEMO = { tenant: 'demo', users: ['Alice', 'Bob'], ttlSeconds: 12 * 3600 } as const

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (command === 'serve') return serve()
  if (command === 'token') return token(args)
  throw new UsageError()
}

class UsageError extends Error {
  override readonly name = 'UsageError'
  constructor() {
    super(USAGE)
  }
}

async function serve(): Promise<void> {
  const config = readConfig(process.env)
  const logger = createLogger(config.log)
  const server = await startServer(config, { logger })
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'shutting down')
    // A second signal is an impatient person: the default takes over.
    for (const name of SIGNALS) process.off(name, stop)
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  for (const name of SIGNALS) process.on(name, stop)
  logger.info({ url: graphqlUrl(server).href, version: process.version }, 'listening')
  if (config.environment === 'development') await introduce(config, server)
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

function graphqlUrl({ url }: RunningServer): URL {
  // A browser treats localhost as a secure place; an address it may not.
  const shown = new URL('/graphql', url)
  if (shown.hostname === '127.0.0.1') shown.hostname = 'localhost'
  return shown
}

/** Makes the demo users and prints an address for each that signs a browser in. */
async function introduce(config: Config, server: RunningServer): Promise<void> {
  const keys = await keyMaterial(config)
  if (keys.kind !== 'secret') return
  const lines: string[] = []
  for (const name of DEMO.users) {
    const userId = name.toLowerCase()
    await server.store.tenant(DEMO.tenant).users.ensure({ id: userId, name, avatarUrl: null })
    const text = await sign(config, keys.secret, { tenantId: DEMO.tenant, userId, name, ttlSeconds: DEMO.ttlSeconds })
    lines.push(`  ${name.padEnd(6)} ${graphqlUrl(server).href}#token=${text}`)
  }
  process.stdout.write(
    `\nOpen GraphiQL as one of the demo users (tenant "${DEMO.tenant}"):\n\n${lines.join('\n\n')}\n\n`,
  )
}

async function token(args: readonly string[]): Promise<void> {
  const { values } = parseTokenArgs(args)
  const config = readConfig(process.env)
  const keys = await keyMaterial(config)
  if (keys.kind !== 'secret')
    throw new Error('Tokens can be made only with a secret: this server verifies them by a public key.')
  const { tenant: tenantId, user: userId, name, role: roles } = values
  if (!tenantId || !userId) throw new UsageError()
  const ttlSeconds = seconds(values.ttl)
  process.stdout.write(`${await sign(config, keys.secret, { tenantId, userId, name, roles, ttlSeconds })}\n`)
}

function parseTokenArgs(args: readonly string[]) {
  const one = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        tenant: one,
        user: one,
        name: one,
        role: { type: 'string', multiple: true },
        ttl: { type: 'string', default: '1h' },
      },
    })
  } catch {
    throw new UsageError()
  }
}

interface Signed {
  readonly tenantId: string
  readonly userId: string
  readonly name?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly ttlSeconds: number
}

function sign({ tokens }: Config, secret: string, said: Signed): Promise<string> {
  const { tenantClaim, issuer, audience } = tokens
  return mintToken({ ...said, secret, now: Date.now(), tenantClaim, issuer, audience })
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `90s`, `30m`, `1h`, `7d`. */
function seconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined || !isUnit(unit)) throw new Error('--ttl takes a number and a unit: 90s, 30m, 1h, 7d.')
  return Number(count) * UNITS[unit]
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && Object.hasOwn(UNITS, text)
}

/** One readable line, or the few of a configuration's problems; the stack is for the log alone. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

main(process.argv.slice(2)).catch(fail)
