import type { ExecutionResult, GraphQLError } from 'graphql'
import { RequestError } from '../../domain/errors.ts'
import type { Admitted, Caller, Engine, OperationRequest } from '../../graphql/engine.ts'
import { answerMessage, completeMessage, errorMessage } from './answer.ts'
import { LiveOperation, type Socketed } from './live-operation.ts'
import { Operation, type Register } from './operation.ts'
import type { Outbound } from './outbound.ts'

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

/** The operations of one socket: how many there are. Which there are is in graphql-ws's register alone. */
export class Operations implements Socketed {
  readonly engine: Engine
  readonly outbound: Outbound
  readonly #maxSubscriptions: number
  readonly #socket: Runner
  #subscriptions = 0
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

  /** Begins an operation under an id that graphql-ws has let pass, so that the client has left the one that had it before. Does not throw. */
  begin(register: Register, id: string, request: OperationRequest): void {
    try {
      if (this.#refusing) throw new RequestError('UNAVAILABLE', 'The server is restarting. Try again.')
      const admitted = this.engine.admit(request)
      if (!('kind' in admitted)) this.#refuse(new Operation(id, register), admitted)
      else if (admitted.kind === 'subscription') this.#subscribe(register, id, admitted)
      else this.#execute(new Operation(id, register), admitted, this.#socket.caller())
    } catch (error) {
      this.#refuse(new Operation(id, register), [this.engine.mask(error)])
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

  onEnded(): void {
    this.#subscriptions -= 1
  }

  /** Refuses what begins from now on. graphql-ws ends the subscriptions that are left. */
  close(): void {
    this.#refusing = true
  }

  #execute(operation: Operation, admitted: Admitted, caller: Caller): void {
    const answer = this.engine.execute(admitted, caller)
    this.#running += 1
    answer.then(
      result => this.#settle(operation, result),
      (error: unknown) => this.#settle(operation, { errors: [this.engine.mask(error)] }),
    )
  }

  /** One that the client has left, or that outlives its socket, says nothing. */
  #settle(operation: Operation, result: ExecutionResult): void {
    if (operation.leave()) this.#answer(operation.id, result)
    this.#running -= 1
    if (this.#running === 0) this.#allSettled?.()
    this.#socket.onSettled()
  }

  #answer(id: string, result: ExecutionResult): void {
    this.outbound.send(answerMessage(id, result, this.engine.mask))
    this.outbound.send(completeMessage(id))
  }

  #subscribe(register: Register, id: string, admitted: Admitted): void {
    const limit = this.#maxSubscriptions
    if (this.#subscriptions >= limit) {
      throw new RequestError('TOO_MANY_SUBSCRIPTIONS', `A socket carries at most ${limit} subscriptions.`, { limit })
    }
    const caller = this.#socket.caller()
    this.#subscriptions += 1
    void this.#open(new LiveOperation(id, register, caller.viewer.userId, this), admitted, caller)
  }

  async #open(operation: LiveOperation, admitted: Admitted, caller: Caller): Promise<void> {
    const opened = await this.engine
      .subscribe(admitted, caller, operation.sink)
      .catch((error: unknown) => [this.engine.mask(error)])
    if ('close' in opened) operation.opened(opened)
    else {
      this.onEnded()
      this.#refuse(operation, opened)
    }
  }

  /** One that the client has left is told nothing. */
  #refuse(operation: Operation, errors: readonly GraphQLError[]): void {
    if (operation.leave()) this.outbound.send(errorMessage(operation.id, errors))
  }
}
