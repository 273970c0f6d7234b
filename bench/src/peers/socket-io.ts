import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { createMessage, HOST, PORT, userOf } from './chat.ts'

/** Rooms as the documentation of Socket.IO has them, tuned as its page on performance says: WebSocket alone, and the request of each connection forgotten. */
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })
io.engine.on('connection', rawSocket => {
  rawSocket.request = null
})

io.on('connection', socket => {
  const user = userOf(socket.handshake.auth)
  socket.on('join', async (room: string, done: () => void) => {
    await socket.join(room)
    done()
  })
  socket.on('say', ({ room, content }: { readonly room: string; readonly content: string }) => {
    io.to(room).emit('message', createMessage(room, user, content))
  })
})
http.listen(PORT, HOST)
