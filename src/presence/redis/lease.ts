import type { Clock } from '../../domain/clock.ts'
import { type Reply, readReply } from './reply.ts'
import { SCRIPT, SCRIPT_SHA } from './script.ts'
import { createTurns } from './turns.ts'

/** A Redis or a cluster, as far as scripts go. What it cannot do now it rejects within seconds, and never does later. */
export interface ScriptClient {
  eval(script: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
  evalsha(sha: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>
}

/** Milliseconds. */
export interface PresenceTimes {
  readonly idleMs: number
  readonly graceMs: number
  readonly leaseMs: number
  readonly rememberMs: number
  /** Users of one shard. */
  readonly rememberMax: number
}

export interface LeaseOptions {
  readonly client: ScriptClient
  /** What the names of the shard's keys begin with, the hash tag included. */
  readonly base: string
  readonly clock: Clock
  /** Stands in for Redis's own. */
  readonly redisClock: Pick<Clock, 'now'> | undefined
  readonly times: PresenceTimes
  /** How many calls may wait for those under way. With more, Redis is too slow to be of use, and counts as away. */
  readonly waitingMax: number
  /** Makes a name that no lease had before. */
  readonly newLease: () => string
  onReply(reply: Reply): void
  /** Redis has a new lease of this node, and nothing under it yet. */
  onJoined(): void
  /** Redis is away: from now on nothing is called. */
  onApart(): void
  onError(error: unknown): void
}

/** Calls under way. All that thousands of users do at once would keep Redis busy for longer than one call may take. */
const CALLS_AT_ONCE = 16

/**
 * One node's lease in one shard. While it is `joined`, every call goes to Redis in its order. When Redis does not know the lease it is `joining`
 * under a new one, and what it told under the old has to be told again; when Redis does not answer, or refuses, it is `apart`, and each beat
 * tries again.
 */
export function createLease(options: LeaseOptions) {
  const { client, base, clock, redisClock, times, waitingMax, newLease, onReply, onJoined, onApart, onError } = options
  const calls = new Set<Promise<unknown>>()
  const turns = createTurns(CALLS_AT_ONCE)
  let state: 'joining' | 'joined' | 'apart' | 'closed' = 'joining'
  let id = newLease()
  let former: readonly string[] = []
  let joinedAt = 0
  let attempting = false
  let beating = false

  function settings(): readonly (string | number)[] {
    const { idleMs, graceMs, leaseMs, rememberMs, rememberMax } = times
    return [redisClock?.now() ?? '', idleMs, graceMs, leaseMs, rememberMs, rememberMax]
  }

  /** The reply; or whether Redis has forgotten the script, or did not do it, as far as anybody knows. */
  async function answered(answer: Promise<unknown>): Promise<Reply | 'forgotten' | 'lost'> {
    let reply: Reply
    try {
      reply = readReply(await answer)
    } catch (error) {
      onError(error)
      return error instanceof Error && error.message.startsWith('NOSCRIPT') ? 'forgotten' : 'lost'
    }
    onReply(reply)
    return reply
  }

  function call(operation: string, ...given: readonly (string | number)[]): Promise<Reply | undefined> {
    if (state !== 'joined') return Promise.resolve(undefined)
    const made = callUnder(id, operation, given)
    calls.add(made)
    void made.finally(() => calls.delete(made))
    return made
  }

  async function callUnder(by: string, operation: string, given: readonly (string | number)[]) {
    const turn = turns.take()
    if (turns.waiting > waitingMax) part()
    if (turn !== true && !(await turn)) return undefined
    // A lease that ended meanwhile has sent its waiting calls away before.
    const reply = await answered(client.evalsha(SCRIPT_SHA, 1, base, operation, by, ...settings(), ...given))
    turns.done()
    if (typeof reply === 'object' && reply.known) return reply
    if (by !== id || state !== 'joined') return undefined
    // What Redis refuses it would refuse again at once: the next try is that of a beat.
    if (reply === 'lost') part()
    else rejoin()
    return undefined
  }

  /** Redis lost the lease, or the script. */
  function rejoin(): void {
    state = 'joining'
    turns.dismiss()
    joining = join()
  }

  async function join(): Promise<void> {
    const next = newLease()
    attempting = true
    // With the whole script, which from then on Redis knows.
    const reply = await answered(client.eval(SCRIPT, 1, base, 'enter', next, ...settings()))
    attempting = false
    if (state === 'closed') return
    if (typeof reply !== 'object') {
      if (state === 'joining') part()
      return
    }
    former = [...former, id]
    id = next
    state = 'joined'
    joinedAt = clock.now()
    onJoined()
  }

  function retry(): void {
    if (state === 'apart' && !attempting) joining = join()
  }

  function part(): void {
    state = 'apart'
    turns.dismiss()
    onApart()
  }

  async function beat(): Promise<void> {
    if (beating) return
    beating = true
    // Whoever has just come does not judge who else is gone: after an outage of Redis all come back, one after the other.
    const reaps = clock.now() - joinedAt >= times.leaseMs
    let reply: Reply | undefined
    do reply = await call('beat', reaps ? 1 : 0)
    while (reply?.more)
    beating = false
  }

  let joining = join()

  return {
    get state() {
      return state
    },
    /** The present one, by which nothing was told before `onJoined`. */
    get id() {
      return id
    },
    /** Resolves once it is joined or apart. */
    settled: (): Promise<void> => (state === 'joining' ? joining : Promise.resolve()),
    /** Undefined when Redis did not do it, or nobody knows whether it did. Calls are done in their order. */
    call,
    /** Keeps the lease, finds what time has changed, or tries to come back. */
    beat(): void {
      retry()
      void beat()
    },
    /** Redis is back, or another took its place: what it acknowledged may be lost. */
    renew(): void {
      if (state === 'joined') rejoin()
      else retry()
    },
    /** All has been told under the present lease: whatever is still under those before ended unheard. */
    async retireFormer(): Promise<void> {
      const retired = former
      if (await call('retire', ...retired)) former = former.filter(each => !retired.includes(each))
    },
    /** What was called before has been done, or has failed. */
    async close(): Promise<void> {
      while (calls.size > 0) await Promise.all(calls)
      state = 'closed'
      await joining
    },
  }
}
