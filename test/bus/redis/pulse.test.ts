import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPulse } from '../../../src/bus/redis/pulse.ts'
import { createManualClock } from '../../support/manual-clock.ts'

describe('a pulse', () => {
  /** A pulse whose every beat is answered by `answer`, by hand. */
  function taken() {
    const clock = createManualClock()
    const said: boolean[] = []
    const asked: PromiseWithResolvers<void>[] = []
    let renewals = 0
    const pulse = createPulse({
      clock,
      ask() {
        const question = Promise.withResolvers<void>()
        asked.push(question)
        return question.promise
      },
      renew: () => renewals++,
      changed: alive => said.push(alive),
    })
    onTestFinished(pulse.stop)
    return {
      pulse,
      clock,
      said,
      asked: () => asked.length,
      renewals: () => renewals,
      async answer(alive: boolean) {
        if (alive) asked.at(-1)?.resolve()
        else asked.at(-1)?.reject(new Error('no answer'))
        await setImmediate()
      },
    }
  }

  it('begins dead, and lives from its first answer on', async () => {
    const { pulse, said, answer } = taken()
    expect(pulse.alive).toBe(false)
    await answer(true)
    expect([pulse.alive, said]).toEqual([true, [true]])
  })

  it('beats every second while it lives, and five times as often while not', async () => {
    const { clock, asked, answer } = taken()
    await answer(true)
    clock.advance(999)
    expect(asked()).toBe(1)
    clock.advance(1)
    expect(asked()).toBe(2)
    await answer(false)
    clock.advance(200)
    expect(asked()).toBe(3)
  })

  it('asks one question at a time', async () => {
    const { pulse, clock, asked, answer } = taken()
    pulse.beat()
    pulse.beat()
    clock.advance(60_000)
    expect(asked()).toBe(1)
    await answer(true)
    expect(asked()).toBe(2)
  })

  it('believes no answer to a question from before a failure', async () => {
    const { pulse, clock, said, answer } = taken()
    await answer(true)
    pulse.beat()
    pulse.falter()
    expect(pulse.alive).toBe(false)
    await answer(true)
    expect(pulse.alive).toBe(false)
    clock.advance(200)
    await answer(true)
    expect(said).toEqual([true, false, true])
  })

  it('gives the connection up after two seconds without an answer, again and again', async () => {
    const { clock, renewals, answer } = taken()
    await answer(true)
    clock.advance(1000)
    const beats = async (count: number) => {
      for (let beat = 0; beat < count; beat++) {
        await answer(false)
        clock.advance(200)
      }
    }
    await beats(10)
    expect(renewals()).toBe(0)
    await beats(1)
    expect(renewals()).toBe(1)
    await beats(10)
    expect(renewals()).toBe(2)
  })

  it('is still after it was stopped', async () => {
    const { pulse, clock, said, asked, answer } = taken()
    await answer(true)
    pulse.beat()
    pulse.stop()
    await answer(false)
    pulse.falter()
    pulse.beat()
    clock.advance(60_000)
    expect([asked(), said, pulse.alive, clock.pending]).toEqual([2, [true], false, 0])
  })
})
