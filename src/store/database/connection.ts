import { Socket } from 'node:net'
import type { ClientConfig } from 'pg'

/**
 * What every connection runs over, that of the migration too, for all of their sockets are to be objects of one shape. All streams share Node's `write`, which
 * is compiled for four shapes, and is slower for every client once it has met a fifth. Sockets of clients before and after their upgrade are two, what `ws`
 * reads into is the third. One whose timeout was set has a property more, as ioredis leaves its sockets: with it these and Postgres's are the fourth together.
 */
export const CONNECTION = {
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  stream: () => new Socket().setTimeout(0),
} as const satisfies ClientConfig
