import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Command, runProgram } from '../cli/command.ts'
import { startFront } from '../faults/support/front.ts'
import { startFrontedPair } from '../faults/support/fronted-pair.ts'
import { createRooms } from '../faults/support/rooms.ts'
import { fixedPort } from '../support/fixed-port.ts'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'

const RECIPE = fileURLToPath(new URL('recipe.ts', import.meta.url))

/** Two nodes of a system over a Redis of their own, and the address behind which both stand. */
export interface Contender {
  readonly url: URL
  readonly redis: RedisServer
  /** The first node, by kill -9 and then again at its address. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Names of rooms in which these people may send and listen. */
  rooms(members: readonly (readonly string[])[]): Promise<readonly string[]>
}

export async function startColloquy(): Promise<Contender> {
  const { url, redis, nodes } = await startFrontedPair()
  return {
    url,
    redis,
    kill: () => nodes[0].kill(),
    restart: () => nodes[0].start(),
    rooms: async members => (await createRooms(url, members)).ids,
  }
}

/** `waits`: a send is acknowledged only once Redis has taken it. */
export async function startRecipe(waits: boolean): Promise<Contender> {
  const redis = await ownRedis()
  onTestFinished(() => redis.close())
  const ports = [await fixedPort(), await fixedPort()] as const
  const start = async (port: number): Promise<Command> => {
    const env = { PORT: String(port), REDIS_URL: redis.url, WAIT: waits ? 'yes' : 'no', NODE_ENV: 'production' }
    const command = runProgram(process.execPath, [RECIPE], { env })
    await command.printed(/listening/)
    return command
  }
  let first = await start(ports[0])
  await start(ports[1])
  return {
    url: await startFront(ports.map(port => new URL(`http://127.0.0.1:${port}/graphql`))),
    redis,
    async kill() {
      first.signal('SIGKILL')
      await first.ended
    },
    async restart() {
      first = await start(ports[0])
    },
    // It knows no members.
    rooms: async members => members.map((_, room) => `room-${room}`),
  }
}
