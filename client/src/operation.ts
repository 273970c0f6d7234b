import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws/client'
import { type Backoff, pauseMs } from './backoff.ts'
import type { Connector } from './connector.ts'
import { type Ending, graphqlErrors, isNormalClosure, isUnavailable, mayReconnect } from './endings.ts'
import { isSubscription } from './operation-type.ts'

export interface OperationRequest<Data, Extensions> {
  /** Never retries by itself. */
  readonly client: Client
  readonly connector: Connector
  readonly backoff: Backoff
  readonly payload: SubscribePayload
  readonly sink: Sink<FormattedExecutionResult<Data, Extensions>>
  /** The sink hears no more. */
  readonly onOver: () => void
}

export interface Operation {
  begin(): void
  /** The application has left it: its sink hears `complete`. */
  leave(): void
}

/**
 * One operation over as many connections as it takes. Each connection gets an operation of its own in graphql-ws, with an id of its own: what a connection
 * that was given up may still bring is nobody's, so that nothing comes twice or late.
 *
 * A subscription is opened again after the newest position that was delivered. A query or mutation that was sent and not answered ends with what cut it off:
 * it may have been done, and only the application knows whether it may be done twice.
 */
export function createOperation<Data, Extensions>(request: OperationRequest<Data, Extensions>): Operation {
  const { client, connector, backoff, payload, sink } = request
  const subscription = isSubscription(payload.query, payload.operationName)
  let position: unknown
  let unavailable = 0
  let over = false
  /** Ends what is under way: an attempt, or a pause. */
  let stop = () => {}

  function extensions(): SubscribePayload['extensions'] {
    return position === undefined ? payload.extensions : { ...payload.extensions, resumeAfter: position }
  }

  async function begin(): Promise<void> {
    await connector.ready()
    if (!over) attempt()
  }

  function attempt(): void {
    let sent = false
    let ended = false
    // graphql-ws reads it when it writes the operation to its socket.
    const message: SubscribePayload = {
      ...payload,
      get extensions() {
        sent = true
        return extensions()
      },
    }
    const end = () => {
      ended = true
      unlisten()
      leave()
    }
    const leave = client.subscribe<Data, Extensions>(message, {
      next(result) {
        if (!ended) deliver(result)
      },
      error(ending) {
        if (ended) return
        end()
        fail(ending, sent)
      },
      complete() {
        if (ended) return
        end()
        finish(() => sink.complete())
      },
    })
    // graphql-ws comes back from this close by itself, at once and for ever.
    const unlisten = client.on('closed', event => {
      if (ended || !sent || !isNormalClosure(event)) return
      end()
      fail(event, sent)
    })
    stop = end
  }

  function deliver(result: FormattedExecutionResult<Data, Extensions>): void {
    unavailable = 0
    call(() => sink.next(result))
    position = positionOf(result.extensions) ?? position
  }

  function fail(ending: Ending, sent: boolean): void {
    const errors = graphqlErrors(ending)
    if (errors !== undefined && subscription && isUnavailable(errors)) {
      unavailable += 1
      stop = backoff.clock.after(pauseMs(unavailable, backoff), () => void begin())
    } else if (errors === undefined && mayReconnect(ending) && (subscription || !sent)) void begin()
    else finish(() => sink.error(ending))
  }

  function finish(say: () => void): void {
    if (over) return
    over = true
    request.onOver()
    call(say)
  }

  return {
    begin: () => void begin(),
    leave() {
      if (over) return
      stop()
      finish(() => sink.complete())
    },
  }
}

/** An application's mistake is told as one that nobody caught: within graphql-ws it would close the socket of all operations. */
function call(task: () => void): void {
  try {
    task()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function positionOf(extensions: unknown): unknown {
  if (typeof extensions !== 'object' || extensions === null || !('position' in extensions)) return undefined
  return extensions.position ?? undefined
}
