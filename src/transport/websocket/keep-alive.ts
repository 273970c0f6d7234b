import type { WebSocket } from 'ws'
import type { Clock } from '../../domain/clock.ts'

/** Pings the socket every `intervalMs`; ends it when two pings in a row get no answer. The returned function stops. */
export function keepAlive(socket: WebSocket, clock: Clock, intervalMs: number): () => void {
  let unanswered = 0
  let cancel = () => {}

  const beat = () => {
    if (unanswered >= 2) return socket.terminate()
    unanswered += 1
    if (socket.readyState === socket.OPEN) socket.ping()
    cancel = clock.after(intervalMs, beat)
  }

  socket.on('pong', () => {
    unanswered = 0
  })
  cancel = clock.after(intervalMs, beat)
  return () => cancel()
}
