import type { LRUCache } from 'lru-cache'
import type { Clock } from '../domain/clock.ts'
import type { Cursor } from '../domain/position.ts'
import { type Revocation, type RevocationTarget, takesBack, targetsOf } from '../domain/revocation.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { StoredRevocations } from '../store/store.ts'
import { BEGINNING, hasLeft, isOther, type RevocationPlace } from './revocation-place.ts'
import { createRevocationWatches } from './revocation-watches.ts'
import { TokenError } from './token-error.ts'

/** What this node knows of one tenant's revocations. Everything that reads the store rejects with what the store rejects with. */
export interface TenantRevocations {
  /** Rejects with `TokenError` revoked too. */
  check(viewer: Viewer): Promise<void>
  watch(viewer: Viewer, onRevoked: () => void): () => boolean
  /** Reads what is new up to that place at least. */
  reach(position: number): Promise<void>
  /** How far it has come; undefined while it knows nothing. */
  applied(): RevocationPlace | undefined
  /** The store, asked at `askedAt` when `applied` had been reached, said that the revocations go as far as `head`. */
  compare(applied: RevocationPlace, head: Cursor, askedAt: number): Promise<void>
  /** Open sessions here. */
  readonly watched: number
}

/** What was found of one target, of all tenants in one cache. */
export type Remembered = LRUCache<string, Finding>

interface Finding {
  /** What is remembered from before the tenant's last new start is not believed. */
  readonly start: object
  readonly readAt: number
  /** Null: not taken back. */
  readonly at: Date | null
}

/** How long a finding is believed, however fresh the rest: a database that was put back to an older state may say other things. */
const REMEMBER_MS = 60_000
/** How many revocations one read brings. */
const PAGE = 500

export function createTenantRevocations(deps: {
  readonly tenantId: string
  readonly stored: StoredRevocations
  readonly clock: Clock
  readonly remembered: Remembered
  /** For how long after the store was last asked its answer is believed. Milliseconds. */
  readonly trustMs: number
}): TenantRevocations {
  const { tenantId, stored, clock, remembered, trustMs } = deps
  const watches = createRevocationWatches()
  /** Every revocation up to here is in what is remembered, and has ended what is watched. */
  let applied: RevocationPlace | undefined
  /** When the store was asked last and had nothing beyond `applied`. */
  let confirmedAt = Number.NEGATIVE_INFINITY
  let start = {}
  let reading = Promise.resolve()

  const keyOf = ({ scope, id }: RevocationTarget) => JSON.stringify([tenantId, scope, id])

  function remember(target: RevocationTarget, at: Date | null): void {
    remembered.set(keyOf(target), { start, readAt: clock.now(), at })
  }

  /** Which of these are taken back, from memory; undefined where that does not suffice. */
  function recall(targets: readonly RevocationTarget[]): readonly Revocation[] | undefined {
    if (clock.now() >= confirmedAt + trustMs) return undefined
    const taken: Revocation[] = []
    for (const target of targets) {
      const finding = remembered.get(keyOf(target))
      if (finding?.start !== start || clock.now() >= finding.readAt + REMEMBER_MS) return undefined
      if (finding.at !== null) taken.push({ ...target, at: finding.at })
    }
    return taken
  }

  async function read(targets: readonly RevocationTarget[]): Promise<readonly Revocation[]> {
    const [before, askedAt] = [applied, clock.now()]
    const { head, revocations } = await stored.of(targets)
    if (before !== undefined && isOther(head, before)) startAnew(head)
    // What was applied meanwhile may be missing in what was read.
    else if (applied !== undefined && isOther(head, applied)) return read(targets)
    applied ??= head
    for (const target of targets) {
      const found = revocations.find(({ scope, id }) => scope === target.scope && id === target.id)
      remember(target, found?.at ?? null)
    }
    confirm(head, askedAt)
    return revocations
  }

  /** The store has been put back to an older state. What was revoked since may end open sessions, and stand below what was applied: all is read anew. */
  function startAnew(head: Cursor): void {
    forget()
    // What fails is found by the next comparison.
    reach(head.position).catch(() => {})
  }

  function forget(): void {
    start = {}
    applied = BEGINNING
    confirmedAt = Number.NEGATIVE_INFINITY
  }

  /** Whether the store, asked at `askedAt`, has nothing that was not applied. */
  function confirm(head: Cursor, askedAt: number): boolean {
    if (applied?.position !== head.position || isOther(head, applied)) return false
    applied = head
    confirmedAt = Math.max(confirmedAt, askedAt)
    return true
  }

  async function readOn(until: number): Promise<void> {
    // Who knows nothing has nothing to correct, but sessions that are open and not yet checked; a read that is under way is told by this that it comes too late.
    applied ??= watches.size > 0 ? BEGINNING : { position: until, mark: null }
    let goal = until
    while (applied.position < goal) {
      const [before, since, askedAt] = [applied, start, clock.now()]
      const { head, mark, revocations } = await stored.after(before.position, PAGE)
      // What is read anew meanwhile is not to be skipped.
      if (start !== since) continue
      if (isOther(head, before) || (head.position > before.position && hasLeft(mark, before))) {
        forget()
        goal = head.position
        continue
      }
      for (const revocation of revocations) {
        remember(revocation, revocation.at)
        watches.end(revocation)
      }
      const last = revocations.at(-1)
      const isLast = revocations.length < PAGE || last === undefined
      applied = isLast ? head : { position: last.revocationPosition, mark: last.mark }
      if (isLast) return void confirm(head, askedAt)
    }
  }

  async function check(viewer: Viewer): Promise<void> {
    const targets = targetsOf(viewer)
    const taken = recall(targets) ?? (await read(targets))
    if (taken.some(each => takesBack(each, viewer))) throw new TokenError('revoked')
  }

  function reach(position: number): Promise<void> {
    const next = reading.then(() => readOn(position))
    reading = next.catch(() => {})
    return next
  }

  return {
    check,
    watch: watches.add,
    reach,
    applied: () => applied,
    async compare(asked, head, askedAt) {
      if (isOther(head, asked)) startAnew(head)
      else if (!confirm(head, askedAt)) await reach(head.position)
    },
    get watched() {
      return watches.size
    },
  }
}
