import type { RawData, WebSocket } from 'ws'
import type { Logger } from '../../observe/logger.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'

export interface Reader {
  /** graphql-ws's listener. */
  receive(message: string): Promise<void>
  hangUp(code: CloseCode, reason: string): void
  /** A message has been taken. */
  onRead(): void
  readonly logger: Logger
}

/** graphql-ws throws for a message that only a server sends, and JSON for a ping too deep to be given back. */
function isClientsFault(error: unknown): boolean {
  if (error instanceof RangeError) return true
  return error instanceof Error && error.message.startsWith('Unexpected message of type')
}

/** Hands a socket's text messages to graphql-ws, and hangs up on what it cannot take. */
export function readMessages(socket: WebSocket, { receive, hangUp, onRead, logger }: Reader): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return
    if (isBinary) return hangUp(CLOSE.UNSUPPORTED_DATA, 'Text frames only')
    receive(data.toString()).catch((error: unknown) => {
      const isClients = isClientsFault(error)
      if (!isClients) logger.error({ error }, 'A message could not be handled')
      hangUp(isClients ? CLOSE.BAD_REQUEST : CLOSE.INTERNAL, 'Invalid message received')
    })
    onRead()
  })
}
