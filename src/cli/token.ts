import { parseArgs } from 'node:util'
import { createAuthenticator } from '../auth/authenticator.ts'
import { TokenError } from '../auth/token-error.ts'
import { keyMaterial } from '../config/key-material.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../domain/clock.ts'
import { type Bearer, sign } from './sign.ts'
import { UsageError } from './usage.ts'

/** A token that the server of this environment accepts. Throws, with a readable message, when there can be none. */
export async function token(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  const bearer = bearerOf(args)
  const config = readConfig(env)
  const keys = await keyMaterial(config)
  if (keys.kind !== 'secret') {
    throw new Error('Tokens can be made only with a secret: this server verifies them by a public key.')
  }
  const text = await sign(config, keys.secret, bearer, systemClock.now())
  await check(config, keys.secret, text)
  return text
}

function bearerOf(args: readonly string[]): Bearer {
  const { tenant, user, name, role, ttl } = parse(args)
  if (!tenant || !user) throw new UsageError('A token needs --tenant and --user.')
  return { tenantId: tenant, userId: user, name, roles: role, ttlSeconds: seconds(ttl) }
}

function parse(args: readonly string[]) {
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
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : undefined)
  }
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `90s`, `30m`, `1h`, `7d`. */
function seconds(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  if (count === undefined || !isUnit(unit)) throw new Error('--ttl takes a number and a unit: 90s, 30m, 1h, 7d.')
  return Number(count) * UNITS[unit]
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && Object.hasOwn(UNITS, text)
}

/** The server's own judgement, so that no token is handed out that it would refuse. */
async function check({ tokens }: Config, secret: string, text: string): Promise<void> {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const authenticator = createAuthenticator({ ...tokens, keys: { kind: 'secret', secret }, clock: systemClock, logger })
  try {
    await authenticator.verify(text)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    throw new Error(
      'The server would refuse this token: --tenant and --user are each a line of at most 255 characters, ' +
        `and --ttl is at most ${tokens.maxLifetimeSeconds} s (JWT_MAX_LIFETIME_SECONDS).`,
      { cause: error },
    )
  }
}
