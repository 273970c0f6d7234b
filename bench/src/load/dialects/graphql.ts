import { randomUUID } from 'node:crypto'
import type { Listener, Part, Speech } from '../dialect.ts'
import type { Dialect } from '../plan.ts'

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
      const type = typeOf(text)
      if (type === 'connection_ack') onAcknowledged()
      else if (type === 'ping') client.send('{"type":"pong"}')
      else if (type === '' || type === 'error' || isRefusal(text))
        onFail(new Error(`An operation was refused: ${text}`))
      else if (type === 'next') onNext()
    },
  }
}

/** Of every server here it stands before the payload, and after an id that is a number. Found, not parsed: what measures must cost little. */
function typeOf(text: string): string {
  const start = text.indexOf(TYPE)
  if (start < 0) return ''
  const from = start + TYPE.length
  return text.slice(from, text.indexOf('"', from))
}

const TYPE = '"type":"'

/** GraphQL's errors, or Colloquy's userErrors that are not none. */
function isRefusal(text: string): boolean {
  return text.includes('"errors":') || text.includes('"userErrors":[{')
}
