import type { Server } from 'node:http'

/**
 * How many connections may wait to be accepted; the system has a bound of its own (Linux: `net.core.somaxconn`, 4,096). With Node's 511, of thousands that come back
 * in one moment most were not let in: a client's system then sends its request again after pauses of seconds, and some were told 408 before it came.
 */
const BACKLOG = 8_192

/** Listens; port 0 takes a free one. Resolves to the address. Rejects with an error that says what to do. */
export async function listenOn(server: Server, port: number, host: string): Promise<URL> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ port, host, backlog: BACKLOG }, resolve)
  try {
    await promise
  } catch (error) {
    throw new Error(explain(error, port, host), { cause: error })
  } finally {
    server.off('error', reject)
  }
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return new URL(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`)
}

function explain(error: unknown, port: number, host: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is taken: end what listens there, or set PORT to another.`
  if (code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user: set PORT to one above 1023.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST ${host} is no address of this machine.`
  return `Cannot listen on port ${port} of ${host}: ${error instanceof Error ? error.message : String(error)}`
}
