import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { listenOn } from '../../src/transport/listen.ts'

/** More than Node lets wait by itself. */
const MANY = 1_500

test.runIf(process.platform === 'linux')('lets in a crowd that comes while the server is busy', async () => {
  const server = createServer()
  const url = await listenOn(server, 0, '127.0.0.1')
  const sockets: Socket[] = []
  let connected = 0
  try {
    // The server accepts nobody before this turn of the event loop has ended, nor before the next.
    for (let n = 0; n < MANY; n++) {
      sockets.push(connect({ host: url.hostname, port: Number(url.port) }, () => void connected++))
    }
    const slowest = Promise.withResolvers<void>()
    let accepted = 0
    server.on('connection', () => {
      if (++accepted === MANY) slowest.resolve()
    })
    await slowest.promise
    await expect.poll(() => connected).toBe(MANY)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
})
