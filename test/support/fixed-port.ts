import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below what systems hand out by themselves (from 32,768 on, or 49,152): between two runs of a server nobody else is given its port, neither a
 * listener on port 0 nor the near end of a connection, which on loopback may even be one to that very port.
 */
const RANGE = { from: 12_000, to: 30_000 }

/** A free port for a server that is started again and again at the same address, or that cannot be told to listen on 0. */
export async function fixedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(RANGE.from, RANGE.to)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
