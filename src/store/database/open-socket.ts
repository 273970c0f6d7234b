import { Socket } from 'node:net'

/**
 * What a connection to Postgres runs over. All streams share Node's `write`, which is compiled for four shapes of objects, and is slower for every client once it has
 * met a fifth. Sockets of clients before and after their upgrade are two, what `ws` reads into is the third. One whose timeout was set has a property more, as
 * ioredis leaves its sockets: with it these two are the fourth together.
 */
export function openSocket(): Socket {
  return new Socket().setTimeout(0)
}
