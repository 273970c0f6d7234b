import type { Listener, Part, Speech } from '../dialect.ts'

/** Socket.IO 5 over Engine.IO 4, on its WebSocket from the start, as its guide to performance wants it. */
export const socketIoSpeech: Speech = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  subscriber: part => connected(part, () => part.client.send(`420["join","${part.room}"]`)),
  publisher: part => ({
    ...connected(part, part.onReady),
    publish: content => part.client.send(`42["say",{"room":"${part.room}","content":"${content}"}]`),
  }),
}

function connected({ client, seat, onReady, onFail }: Part, onConnected: () => void): Listener {
  return {
    open() {},
    text(text) {
      if (text.startsWith('0')) client.send(`40${JSON.stringify(seat.greeting)}`)
      else if (text === '2') client.send('3')
      else if (text.startsWith('40')) onConnected()
      else if (text.startsWith('430')) onReady()
      else if (text.startsWith('44')) onFail(new Error(`Socket.IO refused: ${text}`))
    },
  }
}
