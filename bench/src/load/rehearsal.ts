import { setTimeout } from 'node:timers/promises'
import type { Publisher } from './clients.ts'
import type { Subscriber } from './rooms.ts'

/** Milliseconds that a rehearsed message is waited for before the next one is published. */
const TURN = 1_000
const TURNS = 60

/**
 * Not every server says when a subscription stands. So messages are published until everyone has got the same one, the last: then everyone gets what is
 * published from now on, and nothing that was published before is still under way.
 */
export interface Rehearsal {
  heard(subscriber: number, text: string): void
  /** Rejects when somebody stays deaf. */
  hold(publishers: readonly Publisher[]): Promise<void>
}

export function createRehearsal(subscribers: readonly Subscriber[]): Rehearsal {
  let turn = 0
  let words = wordsOf(turn)
  const heard = new Set<number>()

  return {
    heard(subscriber, text) {
      if (text.includes(words)) heard.add(subscriber)
    },
    async hold(publishers) {
      const byRoom = new Map(publishers.map(publisher => [publisher.room, publisher]))
      const listening = subscribers.filter(({ roomIndex }) => byRoom.has(roomIndex)).length
      for (; turn < TURNS; turn++) {
        words = wordsOf(turn)
        heard.clear()
        for (const publisher of byRoom.values()) publisher.publish(words)
        const latest = performance.now() + TURN * (1 + turn)
        while (heard.size < listening && performance.now() < latest) await setTimeout(2)
        if (heard.size === listening) return
      }
      throw new Error(`${listening - heard.size} subscribers do not get what is published.`)
    },
  }
}

function wordsOf(turn: number): string {
  return `rehearsal ${turn}.`
}
