import { LRUCache } from 'lru-cache'
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { Pruned, RetentionRule, Store } from '../store/store.ts'

/** How long each tenant's log is kept. */
export interface Retention {
  readonly rule: RetentionRule
  /** Other rules, by tenant. */
  readonly tenants: ReadonlyMap<string, RetentionRule>
  /** Milliseconds from the end of one round over all tenants to the next. */
  readonly everyMs: number
}

/** How many tenants one read names, and how many events one step takes at most: so long, and no longer, a step keeps the database busy. */
const PAGE = 500
const STEP = 1_000

/** How many tenants in a row may fail before a round gives up. */
const FAILURES_MAX = 3

/** What is remembered of a tenant, so that a round passes over those for whom nothing is due. */
interface Seen {
  readonly floor: number
  readonly oldestAt: number
}

/** Prunes the logs of all tenants, round after round, one small step at a time. What fails is tried again in the next round. */
export function startRetention(deps: {
  readonly store: Pick<Store, 'headsAfter' | 'tenant'>
  readonly clock: Clock
  readonly logger: Logger
  readonly retention: Retention
}): { close(): Promise<void> } {
  const { store, clock, logger, retention } = deps
  const seen = new LRUCache<string, Seen>({ max: 100_000 })
  let closed = false
  let failures = 0
  let cancel = clock.after(retention.everyMs, begin)
  let round = Promise.resolve()

  function begin(): void {
    round = pruneAll()
      .catch(error => logger.warn({ error }, 'could not prune the logs'))
      .then(() => {
        if (!closed) cancel = clock.after(retention.everyMs, begin)
      })
  }

  async function pruneAll(): Promise<void> {
    failures = 0
    for (let after: string | undefined = ''; after !== undefined && !closed; ) {
      const heads = await store.headsAfter(after, PAGE)
      for (const [tenantId, head] of heads) if (!closed) await pruneOne(tenantId, head.position)
      after = heads.size < PAGE ? undefined : [...heads.keys()].at(-1)
    }
  }

  /** One tenant's log that cannot be pruned keeps no other from it; with several in a row it is the database, and the round is over. */
  async function pruneOne(tenantId: string, head: number): Promise<void> {
    try {
      await pruneDue(tenantId, head)
      failures = 0
    } catch (error) {
      failures++
      if (failures === FAILURES_MAX) throw error
      logger.warn({ error, tenantId }, 'could not prune the log of a tenant')
    }
  }

  async function pruneDue(tenantId: string, head: number): Promise<void> {
    const rule = retention.tenants.get(tenantId) ?? retention.rule
    if (!isDue(rule, seen.get(tenantId), head)) return
    const { log } = store.tenant(tenantId)
    let pruned: Pruned
    do {
      pruned = await log.prune(rule, clock.now(), STEP)
    } while (pruned.more && !closed)
    // An empty log grows old from its next event on.
    const oldestAt = pruned.oldestAt?.getTime() ?? clock.now()
    seen.set(tenantId, { floor: pruned.floor, oldestAt })
  }

  function isDue({ maxAgeMs, maxEvents }: RetentionRule, known: Seen | undefined, head: number): boolean {
    if (known === undefined) return true
    const isOld = maxAgeMs !== null && known.oldestAt + maxAgeMs < clock.now()
    return isOld || (maxEvents !== null && head - known.floor > maxEvents)
  }

  return {
    async close() {
      closed = true
      cancel()
      await round
    },
  }
}
