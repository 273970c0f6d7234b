import { createHash } from 'node:crypto'
import type { RedisConnection } from './connection.ts'

/** Runs a script of Lua at Redis, in one trip. Rejects at once while Redis is away. */
export type RedisScript = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

/** Sent by its digest, and whole where Redis does not know it yet or any more. */
export function redisScript(connection: RedisConnection, lua: string): RedisScript {
  const digest = createHash('sha1').update(lua).digest('hex')
  const { client } = connection

  async function run(keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await client.evalsha(digest, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await client.eval(lua, keys.length, ...keys, ...args)
    }
  }

  return async (keys, args) => {
    if (!connection.connected) throw new Error('Redis is away')
    try {
      return await run(keys, args)
    } catch (error) {
      connection.falter(error)
      throw error
    }
  }
}
