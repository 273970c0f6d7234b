import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'

/** What every bus keeps. `create` gives a bus of its own. */
export function busContract(name: string, create: () => Promise<Bus> | Bus): void {
  describe(`${name} keeps the bus's contract`, () => {
    let bus: Bus
    /** Channels of one run are its own, on a wire that outlives it. */
    let run: string
    beforeEach(async () => {
      bus = await create()
      run = randomUUID()
    })
    afterEach(() => bus.close())

    async function record(channel: readonly string[]): Promise<{ heard: string[]; stop: () => void }> {
      const heard: string[] = []
      const stop = await bus.subscribe(channel, message => heard.push(message))
      return { heard, stop }
    }

    it('delivers to every listener of the channel, in the order of publishing', async () => {
      const [one, two] = [await record([run, 'a']), await record([run, 'a'])]
      const sent = Array.from({ length: 200 }, (_, n) => `${n}`)
      for (const message of sent) bus.publish([run, 'a'], message)
      await vi.waitFor(() => expect([one.heard, two.heard]).toEqual([sent, sent]))
    })

    it('delivers once to a subscription, and twice to a listener that subscribed twice', async () => {
      const heard: string[] = []
      const listener = (message: string) => heard.push(message)
      const stop = await bus.subscribe([run, 'a'], listener)
      await bus.subscribe([run, 'a'], listener)
      bus.publish([run, 'a'], 'both')
      await vi.waitFor(() => expect(heard).toEqual(['both', 'both']))
      stop()
      stop()
      bus.publish([run, 'a'], 'one')
      await vi.waitFor(() => expect(heard).toEqual(['both', 'both', 'one']))
    })

    it('carries any text unchanged', async () => {
      const { heard } = await record([run, 'a'])
      const sent = ['', '\r\nPUBLISH x y', '{"a":"é😀"}', 'x'.repeat(100_000)]
      for (const message of sent) bus.publish([run, 'a'], message)
      await vi.waitFor(() => expect(heard).toEqual(sent))
    })

    it('never mixes channels, whatever their parts are made of', async () => {
      const names = [['a:b'], ['a', 'b'], ['a', '', 'b'], ['*'], ['?'], ['[a]'], ['{x}'], ['a'], ['"a","b"'], ['\r\n']]
      const all = await Promise.all(names.map(parts => record([run, ...parts])))
      for (const parts of names) bus.publish([run, ...parts], JSON.stringify(parts))
      await vi.waitFor(() => expect(all.map(({ heard }) => heard)).toEqual(names.map(parts => [JSON.stringify(parts)])))
    })

    it('lets a throwing listener harm neither the others nor the publisher', async () => {
      await bus.subscribe([run, 'a'], () => {
        throw new Error('a broken listener')
      })
      const { heard } = await record([run, 'a'])
      expect(() => bus.publish([run, 'a'], 'one')).not.toThrow()
      bus.publish([run, 'a'], 'two')
      await vi.waitFor(() => expect(heard).toEqual(['one', 'two']))
    })

    it('delivers nothing after a listener has left, also when it leaves while being called', async () => {
      const left = await record([run, 'a'])
      const once: string[] = []
      const stop = await bus.subscribe([run, 'a'], message => {
        once.push(message)
        stop()
      })
      const { heard } = await record([run, 'a'])
      left.stop()
      bus.publish([run, 'a'], 'one')
      bus.publish([run, 'a'], 'two')
      await vi.waitFor(() => expect(heard).toEqual(['one', 'two']))
      expect([left.heard, once]).toEqual([[], ['one']])
    })

    it('delivers nothing to one whom another listener has just taken away', async () => {
      const stops: (() => void)[] = []
      const heard: string[] = []
      stops.push(await bus.subscribe([run, 'a'], () => stops[1]?.()))
      stops.push(await bus.subscribe([run, 'a'], message => heard.push(message)))
      const witness = await record([run, 'a'])
      bus.publish([run, 'a'], 'one')
      await vi.waitFor(() => expect(witness.heard).toEqual(['one']))
      expect(heard).toEqual([])
    })

    it('keeps one order for all when a listener publishes', async () => {
      await bus.subscribe([run, 'a'], message => {
        if (message === 'question') bus.publish([run, 'a'], 'answer')
      })
      const { heard } = await record([run, 'a'])
      bus.publish([run, 'a'], 'question')
      await vi.waitFor(() => expect(heard).toEqual(['question', 'answer']))
    })

    it('takes publishing to nobody and after closing without a word', async () => {
      const { heard } = await record([run, 'a'])
      bus.publish([run, 'nobody'], 'x')
      await bus.close()
      expect(() => bus.publish([run, 'a'], 'late')).not.toThrow()
      await bus.close()
      expect(heard).toEqual([])
    })
  })
}
