import type { Clock } from '../domain/clock.ts'

/** Visits each of its members again and again, with one timer for all of them. */
export interface Rounds<Member> {
  /** Visits it every `intervalMs` from now on. */
  join(member: Member): void
  leave(member: Member): void
}

/** Rounds keep apart by this share of the interval, so that what is due at about one time goes together; by so much a visit may come late. */
const APART = 1 / 256

export function createRounds<Member>(
  clock: Clock,
  intervalMs: number,
  visit: (member: Member) => void,
): Rounds<Member> {
  /** When each is visited next. In the order of these times, since all wait equally long. */
  const dueAt = new Map<Member, number>()
  let cancel: (() => void) | undefined

  function arm(): void {
    const [next] = dueAt.values()
    cancel = next === undefined ? undefined : clock.after(Math.max(next - clock.now(), intervalMs * APART), goRound)
  }

  function goRound(): void {
    const now = clock.now()
    const due: Member[] = []
    for (const [member, at] of dueAt) {
      if (at > now) break
      due.push(member)
    }
    for (const member of due) {
      dueAt.delete(member)
      dueAt.set(member, now + intervalMs)
    }
    arm()
    for (const member of due) if (dueAt.has(member)) visit(member)
  }

  return {
    join(member) {
      dueAt.delete(member)
      dueAt.set(member, clock.now() + intervalMs)
      if (cancel === undefined) arm()
    },
    leave(member) {
      dueAt.delete(member)
      if (dueAt.size > 0) return
      cancel?.()
      cancel = undefined
    },
  }
}
