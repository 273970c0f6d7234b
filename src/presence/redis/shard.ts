import type { PresenceStatus } from '../../domain/records.ts'
import { createActivity, type Touch } from './activity.ts'
import { createLease, type LeaseOptions } from './lease.ts'
import { createLocalUsers, type LocalUser } from './local-users.ts'
import { createRegistration } from './registration.ts'
import type { Reply } from './reply.ts'
import { createUntold, type Untold } from './untold.ts'

export interface ShardOptions extends Omit<LeaseOptions, 'onApart'> {
  readonly touchMs: number
  /** What happened to these users was not told to Redis, which is away. */
  onApart(users: readonly string[]): void
}

/** How many touches one call carries. */
const TOUCHES_PER_CALL = 100
/** How much newer a choice has to be, by a clock that is not that of Redis, than the one that Redis has. */
const CHOICE_SLACK_MS = 1_000

/**
 * One node's part in one shard of the users. Under each new lease it tells Redis all that it has, so that whatever became of its calls before does
 * not matter. What happens to a user while Redis is away is remembered until it can be told.
 */
export function createShard({ touchMs, onApart, ...options }: ShardOptions) {
  const { clock, times } = options
  const users = createLocalUsers()
  const untold = createUntold()
  const activity = createActivity({ clock, everyMs: touchMs, tell: tellTouches })
  const lease = createLease({
    ...options,
    onJoined() {
      void registerAll()
      options.onJoined()
    },
    onApart() {
      registration.end()
      onApart([...untold.names()])
    },
  })
  const registration = createRegistration(register)

  async function registerAll(): Promise<void> {
    if (!(await registration.begin([...users.names(), ...untold.names()]))) return
    void lease.retireFormer()
    // Others may have taken long as well.
    options.onJoined()
  }

  /** Tells first what there is of the user, as it was before what is to be told or asked now. */
  function catchUp(user: string): void {
    if (lease.state === 'joined' && registration.has(user)) void register(user)
  }

  /** Whether Redis was told. */
  async function register(user: string): Promise<boolean> {
    registration.drop(user)
    const missed = untold.take(user)
    const held = users.find(user)
    const announce = missed === undefined ? 'unlessNew' : 'always'
    const given = [...choiceOf(missed, held), missed?.ended.size ?? 0, ...(missed?.ended ?? []), ...connectionsOf(held)]
    const reply = await lease.call('register', user, announce, ...given)
    if (reply === undefined && missed !== undefined) untold.putBack(user, missed)
    return reply !== undefined
  }

  function choiceOf(missed: Untold | undefined, held: LocalUser | undefined): readonly (string | number)[] {
    const made = missed?.choice ?? null
    const choice = made ?? held?.choice ?? null
    if (choice === null) return ['', '', 'keep', '']
    const ageMs = clock.now() - choice.chosenAt + (made === null ? CHOICE_SLACK_MS : 0)
    return [choice.status, ageMs, ...sayText(choice.statusText)]
  }

  function* connectionsOf(held: LocalUser | undefined): Iterable<string | number> {
    const now = clock.now()
    for (const [connectionId, { activeAt, lostAt }] of held?.connections ?? []) {
      yield* [connectionId, now - activeAt, lostAt === null ? '' : now - lostAt]
    }
  }

  /** Tells Redis what happened to the user, or remembers that it was not told. `ended`: the connection that this was the end of. */
  async function tell(user: string, ended: string | null, operation: string, ...given: readonly (string | number)[]) {
    const wasJoined = lease.state === 'joined'
    if (await lease.call(operation, user, ...given)) return
    if (ended !== null) untold.of(user).ended.add(ended)
    miss(user, wasJoined)
  }

  /** A call for this user failed, or was not made because the shard was not joined. */
  function miss(user: string, wasJoined: boolean): void {
    untold.of(user)
    if (lease.state === 'joined') void register(user)
    else if (lease.state === 'apart' && wasJoined) onApart([user])
  }

  function tellTouches(touches: readonly Touch[]): void {
    // What was active meanwhile is told when Redis is joined again.
    if (lease.state !== 'joined') return
    for (const [user] of touches) catchUp(user)
    for (let from = 0; from < touches.length; from += TOUCHES_PER_CALL) {
      void touchAll(touches.slice(from, from + TOUCHES_PER_CALL))
    }
  }

  async function touchAll(touches: readonly Touch[]): Promise<void> {
    if (await lease.call('touch', ...touches.flat())) return
    for (const [user] of touches) if (users.find(user) !== undefined) miss(user, true)
  }

  async function readOnce(names: readonly string[]): Promise<Reply | undefined> {
    await lease.settled()
    for (const user of names) catchUp(user)
    return lease.call('read', ...names)
  }

  return {
    users,
    renew: lease.renew,
    /** Whether what happens to users here is told to nobody else. */
    get apart() {
      return lease.state === 'apart'
    },
    /** Something happened to the user while apart that others will have to hear of. */
    missed: (user: string): void => void untold.of(user),
    connect(user: string, connectionId: string): void {
      catchUp(user)
      if (users.connect(user, connectionId, clock.now())) void tell(user, null, 'connect', connectionId, 0)
    },
    touch(user: string, connectionId: string | null): void {
      catchUp(user)
      const isOpen = users.touch(user, connectionId, clock.now())
      if (isOpen || connectionId === null) activity.touch(user, connectionId ?? '')
    },
    disconnect(user: string, connectionId: string, clean: boolean): void {
      catchUp(user)
      const untoldAgeMs = activity.end(user, connectionId) ?? ''
      const wasOpen = users.lose(user, connectionId, clock.now())
      if (clean) users.end(user, connectionId)
      if (!clean && !wasOpen) return
      void tell(user, clean ? connectionId : null, 'disconnect', connectionId, clean ? 1 : 0, untoldAgeMs)
    },
    /** Undefined when Redis is away: it will be told later. */
    async set(user: string, status: PresenceStatus, statusText: string | null | undefined): Promise<Reply | undefined> {
      await lease.settled()
      catchUp(user)
      const reply = await lease.call('set', user, status, ...sayText(statusText))
      if (reply !== undefined || lease.state === 'closed') return reply
      untold.of(user).choice = { status, statusText, chosenAt: clock.now() }
      if (lease.state === 'joined') void register(user)
      return undefined
    },
    /** Undefined when Redis is away. */
    async read(names: readonly string[]): Promise<Reply | undefined> {
      const reply = await readOnce(names)
      return reply !== undefined || lease.state !== 'joining' ? reply : readOnce(names)
    },
    tick(): void {
      for (const [user, connectionId] of users.forgetLost(clock.now() - times.graceMs)) {
        if (lease.state !== 'joined' || registration.has(user)) untold.of(user).ended.add(connectionId)
      }
      activity.flush()
      lease.beat()
    },
    async close(): Promise<void> {
      activity.flush(true)
      await lease.close()
      users.clear()
      untold.clear()
    },
  }
}

function sayText(text: string | null | undefined): readonly [say: string, text: string] {
  if (text === undefined) return ['keep', '']
  return text === null ? ['none', ''] : ['text', text]
}
