import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * A load balancer that knows nothing: it hands each connection to the servers in turn, and past those that do not listen. Ends with the test. Returns
 * the address at which the clients find whichever server is there.
 */
export async function startFront(servers: readonly URL[]): Promise<URL> {
  const open = new Set<Socket>()
  let turn = 0

  function pass(client: Socket, tries: number): void {
    const to = servers[turn++ % servers.length]
    if (to === undefined || tries === 0) {
      client.destroy()
      return
    }
    const server = connect(Number(to.port), to.hostname)
    open.add(server)
    let reached = false
    server
      .on('error', () => undefined)
      .on('connect', () => {
        reached = true
        client.pipe(server).pipe(client)
      })
    server.on('close', () => {
      open.delete(server)
      if (reached) client.destroy()
      else pass(client, tries - 1)
    })
    client.on('close', () => server.destroy())
  }

  const front = createServer(client => {
    open.add(client)
    client.on('error', () => undefined).on('close', () => open.delete(client))
    pass(client, servers.length)
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  onTestFinished(async () => {
    for (const socket of open) socket.destroy()
    await new Promise(resolve => front.close(resolve))
  })
  const address = front.address()
  if (address === null || typeof address === 'string') throw new Error('the front has no port')
  return new URL(`http://127.0.0.1:${address.port}/graphql`)
}
