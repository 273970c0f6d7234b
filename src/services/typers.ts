import type { Clock } from '../domain/clock.ts'
import type { TypingRecord } from '../domain/records.ts'

export interface TypersOptions {
  readonly clock: Clock
  /** How long an entry stands after its last renewal. */
  readonly ttlMs: number
  /** How many entries there may be; beyond, the one renewed longest ago goes before its time. */
  readonly max: number
  /** Somebody's time has passed. */
  expired(typer: Typer): void
}

export interface Typer {
  readonly tenantId: string
  readonly conversationId: string
  readonly userId: string
}

interface Entry extends Typer {
  readonly expiresAt: Date
  readonly dueAt: number
}

/** Who is typing, as far as this node knows. All entries stand equally long, so their order is that of their ends and one timer serves them. */
export function createTypers({ clock, ttlMs, max, expired }: TypersOptions) {
  const rooms = new Map<string, Map<string, Entry>>()
  const inOrder = new Set<Entry>()
  let cancelTimer: (() => void) | undefined

  function take(typer: Typer): boolean {
    const key = keyOf(typer.tenantId, typer.conversationId)
    const room = rooms.get(key)
    const entry = room?.get(typer.userId)
    if (room === undefined || entry === undefined) return false
    room.delete(typer.userId)
    if (room.size === 0) rooms.delete(key)
    return inOrder.delete(entry)
  }

  function expire(entry: Entry): void {
    take(entry)
    expired(entry)
  }

  function arm(): void {
    const [first] = inOrder
    if (first === undefined || cancelTimer !== undefined) return
    cancelTimer = clock.after(Math.max(0, first.dueAt - clock.now()), () => {
      cancelTimer = undefined
      for (const entry of inOrder) {
        if (entry.dueAt > clock.now()) break
        expire(entry)
      }
      arm()
    })
  }

  return {
    /** The entry stands for the full time from now, by this node's clock; `expiresAt` is what it shows. */
    renew(typer: Typer, expiresAt: Date): void {
      take(typer)
      const key = keyOf(typer.tenantId, typer.conversationId)
      const entry: Entry = { ...typer, expiresAt, dueAt: clock.now() + ttlMs }
      const room = rooms.get(key) ?? new Map<string, Entry>()
      rooms.set(key, room.set(typer.userId, entry))
      inOrder.add(entry)
      const [oldest] = inOrder
      if (oldest !== undefined && inOrder.size > max) expire(oldest)
      arm()
    },
    /** Forgets the entry; whether there was one. */
    forget: (typer: Typer): boolean => inOrder.size > 0 && take(typer),
    of(tenantId: string, conversationId: string): readonly TypingRecord[] {
      const room = rooms.get(keyOf(tenantId, conversationId))
      return [...(room?.values() ?? [])].map(({ userId, expiresAt }) => ({
        conversationId,
        userId,
        isTyping: true,
        expiresAt,
      }))
    },
    close(): void {
      cancelTimer?.()
      cancelTimer = undefined
      rooms.clear()
      inOrder.clear()
    },
  }
}

function keyOf(tenantId: string, conversationId: string): string {
  return JSON.stringify([tenantId, conversationId])
}
