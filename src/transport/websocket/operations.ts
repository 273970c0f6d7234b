import type { ExecutionResult, GraphQLError } from 'graphql'
import { RequestError } from '../../domain/errors.ts'
import type { Admitted, Caller, Engine, OperationRequest } from '../../graphql/engine.ts'
import { createHeldSink } from '../held-sink.ts'
import { type Outbound, resultOpening } from './outbound.ts'

/** An operation that graphql-ws may go on with; `run` does its work, and graphql-ws hears what it needs to know of it. */
export interface Begun {
  readonly admitted: Admitted
  run(): Promise<ExecutionResult> | AsyncIterableIterator<never>
}

/** The operations of one socket. */
export interface Operations {
  /** Admits an operation and opens it when it is a subscription. Never rejects: a refused one resolves to its errors. */
  begin(id: string, request: OperationRequest): Promise<Begun | readonly GraphQLError[]>
  /** Queries and mutations that run. */
  readonly running: number
  /** Refuses what begins from now on; resolves once no query or mutation runs. */
  finish(): Promise<void>
  close(): void
}

export interface OperationsRequest {
  readonly engine: Engine
  readonly outbound: Outbound
  readonly caller: () => Caller
  readonly maxSubscriptions: number
  /** A query or mutation has ended. */
  readonly onSettled: () => void
}

/** One operation, from its subscribe message until nothing of it is left. */
interface Operation {
  readonly id: string
  /** The client has left it and may have given its id to another. */
  abandoned: boolean
  /** Ends its work. */
  close: () => void
}

/**
 * What graphql-ws is told of an operation that the client has left: nothing, ever. It looks an operation up by its id alone, so that the end of
 * a left operation would complete a new one of the same id. Each call makes its own promise, which is collected together with whoever waits for it.
 */
const silence = () => new Promise<never>(() => {})

export function createOperations(request: OperationsRequest): Operations {
  const { engine, outbound } = request
  const byId = new Map<string, Operation>()
  const subscriptions = new Set<Operation>()
  let running = 0
  let refusing = false
  let allSettled = () => {}

  const forget = (operation: Operation) => {
    subscriptions.delete(operation)
    if (byId.get(operation.id) === operation) byId.delete(operation.id)
  }

  const subscribe = async (admitted: Admitted, operation: Operation): Promise<Begun | readonly GraphQLError[]> => {
    if (subscriptions.size >= request.maxSubscriptions) {
      const message = `A socket carries at most ${request.maxSubscriptions} subscriptions.`
      return [engine.mask(new RequestError('TOO_MANY_SUBSCRIPTIONS', message, { limit: request.maxSubscriptions }))]
    }
    subscriptions.add(operation)
    const ended = Promise.withResolvers<IteratorReturnResult<undefined>>()
    const opening = resultOpening(operation.id)
    const held = createHeldSink(request.caller().viewer.userId, {
      write: payload => outbound.next(opening, payload),
      onDrain: resume => outbound.onDrain(resume),
      end(error) {
        forget(operation)
        if (error === undefined) ended.resolve({ done: true, value: undefined })
        else ended.reject(engine.mask(error))
      },
    })
    operation.close = () => held.close()
    const opened = await engine.subscribe(admitted, request.caller(), held.sink)
    if (!('close' in opened)) return opened
    operation.close = () => {
      held.close()
      opened.close()
      forget(operation)
    }
    if (operation.abandoned) operation.close()
    // graphql-ws asks for the first result once it knows the operation; it never gets one, only the end.
    const results: AsyncIterableIterator<never> = {
      next() {
        held.release()
        return ended.promise
      },
      async return() {
        operation.abandoned = true
        operation.close()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => results,
    }
    return { admitted, run: () => results }
  }

  const execute = async (admitted: Admitted, operation: Operation): Promise<ExecutionResult> => {
    running += 1
    try {
      const result = await engine.execute(admitted, request.caller())
      return operation.abandoned ? silence() : result
    } catch (error) {
      return { errors: [engine.mask(error)] }
    } finally {
      forget(operation)
      running -= 1
      if (running === 0) allSettled()
      request.onSettled()
    }
  }

  const start = async (admitted: Admitted, operation: Operation): Promise<Begun | readonly GraphQLError[]> => {
    if (admitted.kind === 'subscription') return subscribe(admitted, operation)
    return { admitted, run: () => execute(admitted, operation) }
  }

  return {
    get running() {
      return running
    },
    async begin(id, operationRequest) {
      // graphql-ws has let the id pass, so the client has left the operation that had it before.
      abandon(byId.get(id))
      const operation: Operation = { id, abandoned: false, close: () => {} }
      byId.set(id, operation)
      const answer = await admitAndStart(operationRequest, operation)
      if (!('run' in answer)) forget(operation)
      return operation.abandoned ? silence() : answer
    },
    finish() {
      refusing = true
      const { promise, resolve } = Promise.withResolvers<void>()
      allSettled = resolve
      if (running === 0) resolve()
      return promise
    },
    close() {
      refusing = true
      for (const operation of [...byId.values(), ...subscriptions]) abandon(operation)
    },
  }

  async function admitAndStart(operationRequest: OperationRequest, operation: Operation) {
    try {
      if (refusing) return [engine.mask(new RequestError('UNAVAILABLE', 'The server is restarting. Try again.'))]
      const admitted = engine.admit(operationRequest)
      return 'kind' in admitted ? await start(admitted, operation) : admitted
    } catch (error) {
      return [engine.mask(error)]
    }
  }
}

function abandon(operation: Operation | undefined): void {
  if (operation === undefined) return
  operation.abandoned = true
  operation.close()
}
