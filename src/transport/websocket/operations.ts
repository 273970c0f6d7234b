import type { ExecutionResult, GraphQLError } from 'graphql'
import { RequestError } from '../../domain/errors.ts'
import type { Admitted, Caller, Engine, OperationRequest } from '../../graphql/engine.ts'
import { LiveOperation, Operation, type Socketed } from './operation.ts'
import type { Outbound } from './outbound.ts'

/** A query or mutation that graphql-ws may go on with; `run` does its work. */
export interface Begun {
  readonly admitted: Admitted
  run(): Promise<ExecutionResult>
}

export interface OperationsRequest {
  readonly engine: Engine
  readonly outbound: Outbound
  readonly maxSubscriptions: number
  readonly socket: Runner
}

/** The socket that operations run on. */
export interface Runner {
  caller(): Caller
  /** A query or mutation has ended. */
  onSettled(): void
}

const NONE: readonly Operation[] = []

/** The operations of one socket. */
export class Operations implements Socketed {
  readonly engine: Engine
  readonly outbound: Outbound
  readonly #maxSubscriptions: number
  readonly #socket: Runner
  /** Copied at each change: most sockets have one or two for as long as they live, and no container is as small. */
  #all = NONE
  #running = 0
  #refusing = false
  #allSettled: (() => void) | null = null

  constructor({ engine, outbound, maxSubscriptions, socket }: OperationsRequest) {
    this.engine = engine
    this.outbound = outbound
    this.#maxSubscriptions = maxSubscriptions
    this.#socket = socket
  }

  /** Queries and mutations that run. */
  get running(): number {
    return this.#running
  }

  /** Admits an operation and opens it when it is a subscription. Never rejects: a refused one resolves to its errors. */
  async begin(id: string, request: OperationRequest): Promise<Begun | LiveOperation | readonly GraphQLError[]> {
    // graphql-ws has let the id pass, so the client has left the operation that had it before.
    this.#all.findLast(operation => operation.id === id)?.abandon()
    try {
      if (this.#refusing) throw new RequestError('UNAVAILABLE', 'The server is restarting. Try again.')
      const admitted = this.engine.admit(request)
      if (!('kind' in admitted)) return admitted
      return admitted.kind === 'subscription' ? await this.#subscribe(id, admitted) : this.#begin(id, admitted)
    } catch (error) {
      return [this.engine.mask(error)]
    }
  }

  /** Refuses what begins from now on; resolves once no query or mutation runs. */
  finish(): Promise<void> {
    this.#refusing = true
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#allSettled = resolve
    if (this.#running === 0) resolve()
    return promise
  }

  forget(operation: Operation): void {
    this.#all =
      this.#all.length === 1 && this.#all[0] === operation ? NONE : this.#all.filter(each => each !== operation)
  }

  close(): void {
    this.#refusing = true
    for (const operation of this.#all) operation.abandon()
  }

  #begin(id: string, admitted: Admitted): Begun {
    const operation = new Operation(id)
    this.#all = this.#all.concat(operation)
    return { admitted, run: () => this.#execute(admitted, operation) }
  }

  async #subscribe(id: string, admitted: Admitted): Promise<LiveOperation | readonly GraphQLError[]> {
    const limit = this.#maxSubscriptions
    if (this.#all.filter(operation => operation instanceof LiveOperation).length >= limit) {
      throw new RequestError('TOO_MANY_SUBSCRIPTIONS', `A socket carries at most ${limit} subscriptions.`, { limit })
    }
    const caller = this.#socket.caller()
    const operation = new LiveOperation(id, caller.viewer.userId, this)
    this.#all = this.#all.concat(operation)
    const opened = await this.engine.subscribe(admitted, caller, operation.sink)
    if ('close' in opened) operation.opened(opened)
    else this.forget(operation)
    if (operation.abandoned) return silence()
    return 'close' in opened ? operation : opened
  }

  async #execute(admitted: Admitted, operation: Operation): Promise<ExecutionResult> {
    this.#running += 1
    try {
      const result = await this.engine.execute(admitted, this.#socket.caller())
      return operation.abandoned ? silence() : result
    } catch (error) {
      return { errors: [this.engine.mask(error)] }
    } finally {
      this.forget(operation)
      this.#running -= 1
      if (this.#running === 0) this.#allSettled?.()
      this.#socket.onSettled()
    }
  }
}

/**
 * What graphql-ws is told of an operation that it is to say nothing of, ever. Each call makes its own promise, which is collected together with whoever waits
 * for it.
 */
export function silence(): Promise<never> {
  return new Promise<never>(() => {})
}
