import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Listener, Part, Speech } from '../dialect.ts'
import type { Dialect } from '../plan.ts'

/** What is looked at of a small frame. */
const Frame = z.object({
  type: z.string(),
  payload: z.unknown().optional(),
})

/** graphql-transport-ws, the protocol of every GraphQL server here. */
export function graphqlSpeech({ path, subscription, mutation }: Extract<Dialect, { type: 'graphql' }>): Speech {
  const query = JSON.stringify(mutation)

  return {
    subprotocol: 'graphql-transport-ws',
    path: () => path,
    subscriber(part) {
      const { client, room, after, onReady, onCaughtUp } = part
      return speaking(part, {
        onAcknowledged() {
          client.send(operation('1', JSON.stringify(subscription), JSON.stringify({ room, after })))
          onReady()
        },
        onNext: onCaughtUp,
      })
    },
    publisher(part) {
      const { client, room, onReady, onAcknowledged } = part
      const name = randomUUID()
      let count = 0
      const listener = speaking(part, { onAcknowledged: onReady, onNext: onAcknowledged })
      return {
        ...listener,
        publish(content) {
          const key = `${name}-${++count}`
          client.send(operation(String(count), query, `{"room":"${room}","content":"${content}","key":"${key}"}`))
        },
      }
    },
  }
}

function operation(id: string, query: string, variables: string): string {
  return `{"id":"${id}","type":"subscribe","payload":{"query":${query},"variables":${variables}}}`
}

function speaking(
  { client, seat, onFail }: Part,
  { onAcknowledged, onNext }: { readonly onAcknowledged: () => void; readonly onNext: () => void },
): Listener {
  return {
    open: () => client.send(JSON.stringify({ type: 'connection_init', payload: seat.greeting })),
    text(text) {
      const { type } = Frame.parse(JSON.parse(text))
      if (type === 'connection_ack') onAcknowledged()
      else if (type === 'ping') client.send('{"type":"pong"}')
      else if (type === 'error' || isRefusal(text)) onFail(new Error(`An operation was refused: ${text}`))
      else if (type === 'next') onNext()
    },
  }
}

/** GraphQL's errors, or Colloquy's userErrors that are not none. */
function isRefusal(text: string): boolean {
  return text.includes('"errors":') || text.includes('"userErrors":[{')
}
