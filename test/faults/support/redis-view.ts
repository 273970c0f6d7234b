import { Redis } from 'ioredis'

/** What is subscribed to in a Redis, and by how many, in an order of its own. */
export async function subscriptionsIn(url: string): Promise<readonly string[]> {
  const redis = new Redis(url)
  try {
    const plain = await counted(redis, 'CHANNELS', 'NUMSUB')
    const sharded = await counted(redis, 'SHARDCHANNELS', 'SHARDNUMSUB')
    return [...plain, ...sharded].toSorted()
  } finally {
    redis.disconnect()
  }
}

async function counted(redis: Redis, list: string, count: string): Promise<readonly string[]> {
  const channels = (await redis.call('PUBSUB', list)) as readonly string[]
  const numbers = (await redis.call('PUBSUB', count, ...channels)) as readonly (string | number)[]
  return channels.map((channel, index) => `${channel}: ${numbers[2 * index + 1]}`)
}
