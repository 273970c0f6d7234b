import type { z } from 'zod'
import type { TokenRules } from './auth/claims.ts'
import type { KeyMaterial } from './auth/keys.ts'
import type { RevocationTimes } from './auth/revocations.ts'
import {
  gateLimits,
  type MessagingLimits,
  messagingLimits,
  retentionOf,
  revocationTimes,
  transportOptions,
} from './config/groups.ts'
import { VARIABLES, type Variables } from './config/variables.ts'
import type { GateLimits } from './graphql/gate-limits.ts'
import type { Limits } from './limits/table.ts'
import type { Retention } from './server/retention.ts'
import type { TransportOptions } from './transport/options.ts'

/** All that a server is told from outside. Read once, and frozen through and through. */
export interface Config {
  readonly environment: 'development' | 'test' | 'production'
  readonly host: string
  readonly port: number
  readonly dataDir: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  /** None: in-process. Several: a cluster. */
  readonly redisUrls: readonly string[]
  /** `keys` is null where the development secret serves; never in production. */
  readonly tokens: TokenRules & { readonly keys: KeyMaterial | null }
  readonly revocations: RevocationTimes
  readonly rateLimits: Limits | 'off'
  readonly retention: Retention
  /** Over how many nodes a bucket is divided while Redis is away. */
  readonly rateLimitNodes: number
  readonly messaging: MessagingLimits
  readonly transport: TransportOptions
  readonly gate: GateLimits
  /** `pretty` is for people, and only where the output is a terminal. */
  readonly log: { readonly level: Variables['LOG_LEVEL']; readonly pretty: boolean }
}

/** Every problem of an environment, a line for each variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** `VARIABLE: what it must be`. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map(problem => `  ${problem}`)].join('\n'))
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads `process.env` or its like; an empty variable is as good as none. Throws `ConfigError`, which never repeats a value. */
export function readConfig(env: Environment): Config {
  const said: Environment = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = VARIABLES.safeParse(said)
  const problems = [...(parsed.error === undefined ? [] : linesOf(parsed.error)), ...keySourceProblems(said)]
  if (parsed.data === undefined || problems.length > 0) throw new ConfigError(problems)
  return frozen(configOf(parsed.data))
}

function linesOf(error: z.ZodError): string[] {
  const lines = new Map<PropertyKey, string>()
  for (const { path, message } of error.issues) {
    const [name = ''] = path
    if (!lines.has(name)) lines.set(name, `${String(name)}: ${message}`)
  }
  return [...lines.values()]
}

const KEY_SOURCES = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWKS_URL']

/** Over the raw environment: these are to be told beside the problems of single variables, not after them. */
function keySourceProblems(said: Environment): string[] {
  const given = KEY_SOURCES.filter(name => said[name] !== undefined)
  if (given.length > 1) return [`${given.join(', ')}: only one of them may be set`]
  const needed = given.length === 0 && said['NODE_ENV'] === 'production'
  return needed ? [`${KEY_SOURCES.join(', ')}: one of them must be set in production`] : []
}

function configOf(v: Variables): Config {
  const production = v.NODE_ENV === 'production'
  return {
    environment: v.NODE_ENV,
    host: v.HOST,
    port: v.PORT,
    dataDir: v.DATA_DIR,
    databaseUrl: v.DATABASE_URL ?? null,
    redisUrls: v.REDIS_URL ?? [],
    tokens: {
      keys: keyMaterial(v),
      tenantClaim: v.JWT_TENANT_CLAIM,
      issuer: v.JWT_ISSUER,
      audience: v.JWT_AUDIENCE,
      maxLifetimeSeconds: v.JWT_MAX_LIFETIME_SECONDS,
    },
    revocations: revocationTimes(v),
    rateLimits: v.RATE_LIMITS,
    retention: retentionOf(v),
    rateLimitNodes: v.RATE_LIMIT_NODES,
    messaging: messagingLimits(v),
    transport: transportOptions(v, production),
    gate: gateLimits(v),
    log: { level: v.LOG_LEVEL, pretty: !production },
  }
}

function keyMaterial(v: Variables): KeyMaterial | null {
  if (v.JWT_SECRET !== undefined) return { kind: 'secret', secret: v.JWT_SECRET }
  if (v.JWT_PUBLIC_KEY !== undefined) return { kind: 'public-key', publicKey: v.JWT_PUBLIC_KEY }
  return v.JWKS_URL === undefined ? null : { kind: 'jwks', url: v.JWKS_URL }
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
