import { createHash } from 'node:crypto'
import type { RedisConnection } from './connection.ts'

/** Runs a script of Lua at Redis, in one trip. Rejects as `RedisConnection.ask` does. */
export type RedisScript = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

/** Sent by its digest, and whole where Redis does not know it yet or any more. */
export function redisScript(connection: RedisConnection, lua: string): RedisScript {
  const digest = createHash('sha1').update(lua).digest('hex')

  return (keys, args) =>
    connection.ask(async client => {
      try {
        return await client.evalsha(digest, keys.length, ...keys, ...args)
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
        return await client.eval(lua, keys.length, ...keys, ...args)
      }
    })
}
