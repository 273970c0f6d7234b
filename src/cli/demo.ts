import type { Config } from '../config.ts'
import type { Store } from '../store/store.ts'
import { sign } from './sign.ts'

/** The users whose addresses a development server prints. */
const TENANT = 'demo'
const USERS = ['Alice', 'Bob']
const TTL_SECONDS = 12 * 3600

/** Makes the demo users. Resolves to a text with an address for each that signs a browser in. */
export async function introduction(server: {
  readonly config: Config
  readonly secret: string
  readonly store: Store
  readonly graphiql: URL
  readonly now: number
}): Promise<string> {
  const { config, secret, store, graphiql, now } = server
  const addresses: string[] = []
  for (const name of USERS) {
    const userId = name.toLowerCase()
    await store.tenant(TENANT).users.ensure({ id: userId, name, avatarUrl: null })
    const token = await sign(config, secret, { tenantId: TENANT, userId, name, ttlSeconds: TTL_SECONDS }, now)
    addresses.push(`  ${name.padEnd(6)} ${graphiql.href}#token=${token}`)
  }
  return `\nOpen GraphiQL as one of the demo users (tenant "${TENANT}"):\n\n${addresses.join('\n\n')}\n\n`
}
