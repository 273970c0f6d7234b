import { type WebSocket, WebSocketServer } from 'ws'
import { createMessage, HOST, PORT } from './chat.ts'

/** The broadcast of the `ws` README, one loop over the clients of a room. */
const server = new WebSocketServer({ port: PORT, host: HOST })
const rooms = new Map<string, Set<WebSocket>>()

server.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '', 'ws://localhost')
  const room = searchParams.get('room') ?? ''
  const user = searchParams.get('user') ?? ''
  const clients = rooms.get(room) ?? new Set()
  rooms.set(room, clients)
  if (searchParams.get('role') === 'subscriber') clients.add(socket)
  socket.on('error', () => undefined)
  socket.on('close', () => clients.delete(socket))
  socket.on('message', data => {
    const { content } = JSON.parse(data.toString())
    const message = JSON.stringify(createMessage(room, user, content))
    for (const client of clients) if (client.readyState === client.OPEN) client.send(message)
  })
})
