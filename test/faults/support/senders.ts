import { setTimeout } from 'node:timers/promises'
import { type Ask, Refused } from './asking.ts'
import type { Acknowledged } from './delivery.ts'

/** One who sends, one message after the other, each until it is acknowledged. */
export interface Sender {
  readonly userId: string
  readonly ask: Ask
  /** Sent to in turn. */
  readonly conversations: readonly string[]
}

/** Messages that are sent, and sent again with the same `clientMessageId` whenever there was no answer. */
export interface Load {
  /** In the order in which the answers came. */
  readonly acknowledged: readonly Acknowledged[]
  /** Of each of them, when it was first sent and when acknowledged: as `performance.now` says. */
  readonly times: readonly SendTime[]
  /** How many tries failed, by the error's code or, without one, `cut off` or `not connected`. */
  readonly failures: ReadonlyMap<string, number>
  /** Resolves when this many more were acknowledged; rejects when a sender was refused for good. */
  more(count: number): Promise<void>
  /** Resolves with the milliseconds until a send that had not begun yet was acknowledged. */
  next(): Promise<number>
  /** Begins no more sends, and resolves once each begun is acknowledged. */
  stop(): Promise<void>
}

export interface SendTime {
  readonly begun: number
  readonly ended: number
}

export interface LoadOptions {
  readonly senders: readonly Sender[]
  /** Begins every `clientMessageId`, which no other load of these senders may share. */
  readonly name?: string
  /** All senders together, as far as they are answered in time. Absent: as fast as they are answered. */
  readonly perSecond?: number
  /** Codes that are no reason to give up. Default: UNAVAILABLE alone. */
  readonly passing?: readonly string[]
}

const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) { message { id seq } position userErrors { code } }
  }
`

interface Sent {
  readonly sendMessage: {
    readonly message: { readonly id: string; readonly seq: number } | null
    readonly position: string | null
    readonly userErrors: readonly { readonly code: string }[]
  }
}

/** The answer had `userErrors`. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
  /** The first one's. */
  readonly code: string

  constructor(errors: Sent['sendMessage']['userErrors']) {
    super(JSON.stringify(errors))
    this.code = String(errors[0]?.code)
  }
}

/** Sends once. Rejects as `Ask` does, and with `RuleError`. */
export async function send(
  { userId, ask }: Pick<Sender, 'userId' | 'ask'>,
  conversationId: string,
  key: string,
  content = `this is ${key}`,
): Promise<Acknowledged> {
  const input = { conversationId, content, clientMessageId: key }
  const { message, position, userErrors } = (await ask<Sent>(SEND, { input })).sendMessage
  if (message === null || position === null) throw new RuleError(userErrors)
  return { ...message, position, conversationId, senderId: userId, clientMessageId: key }
}

export function startLoad(options: LoadOptions): Load {
  const { senders, name = 'load', perSecond, passing = ['UNAVAILABLE'] } = options
  const acknowledged: Acknowledged[] = []
  const times: SendTime[] = []
  const failures = new Map<string, number>()
  const waiting = new Set<(begun: number) => void>()
  const started = performance.now()
  const interval = perSecond === undefined ? 0 : (1_000 * senders.length) / perSecond
  let stopping = false

  async function run(sender: Sender, nth: number): Promise<void> {
    const { userId, conversations } = sender
    for (let number = 0; !stopping; number++) {
      const due = started + interval * (number + nth / senders.length)
      const early = due - performance.now()
      if (early > 0) await setTimeout(early)
      const conversationId = conversations[number % conversations.length] ?? ''
      const begun = performance.now()
      acknowledged.push(await sendUntilAcknowledged(sender, conversationId, `${name}-${userId}-${number}`))
      times.push({ begun, ended: performance.now() })
      for (const wake of waiting) wake(begun)
    }
  }

  async function sendUntilAcknowledged(sender: Sender, conversationId: string, key: string): Promise<Acknowledged> {
    for (;;) {
      try {
        return await send(sender, conversationId, key)
      } catch (error) {
        const what = whyNot(error, passing)
        failures.set(what, (failures.get(what) ?? 0) + 1)
        await setTimeout(20 + Math.random() * 180)
      }
    }
  }

  const running = Promise.all(senders.map(run))
  running.catch(() => undefined)

  function until<Found>(found: (begun: number) => Found | undefined): Promise<Found> {
    const { promise, resolve } = Promise.withResolvers<Found>()
    const look = (begun: number) => {
      const what = found(begun)
      if (what === undefined) return
      waiting.delete(look)
      resolve(what)
    }
    waiting.add(look)
    const ended = running.then(() => Promise.reject<Found>(new Error('the senders have ended')))
    return Promise.race([promise, ended])
  }

  return {
    acknowledged,
    times,
    failures,
    async more(count) {
      const wanted = acknowledged.length + count
      await until(() => acknowledged.length >= wanted || undefined)
    },
    next() {
      const asked = performance.now()
      return until(begun => (begun >= asked ? performance.now() - asked : undefined))
    },
    async stop() {
      stopping = true
      await running
    },
  }
}

/** Throws what is a reason to give up: an answer that no repeating will change. */
function whyNot(error: unknown, passing: readonly string[]): string {
  if (error instanceof Refused) {
    if (passing.includes(error.code)) return error.code
    throw error
  }
  if (error instanceof RuleError) throw error
  return isUnreachable(error) ? 'not connected' : 'cut off'
}

/** Nobody listens: then nothing was asked either. */
function isUnreachable(error: unknown): boolean {
  const reason = error instanceof Error ? (error.cause ?? error) : error
  if (typeof reason !== 'object' || reason === null) return false
  if ('code' in reason && reason.code === 'ECONNREFUSED') return true
  return 'message' in reason && String(reason.message).includes('ECONNREFUSED')
}

/** Why sends were tried again, in words. */
export function triesOf({ failures }: Load): string {
  const parts = [...failures].map(([why, count]) => `${count} × ${why}`)
  return `sent again after ${parts.length === 0 ? 'nothing' : parts.join(', ')}`
}
