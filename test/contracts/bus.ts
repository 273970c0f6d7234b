import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'

/** Where messages are published, and where they are listened to: one node, or two. */
export interface BusSubject {
  readonly from: Bus
  readonly to: Bus
  close(): Promise<void>
}

/** What every bus keeps, within a node and between nodes. `create` gives buses of the test's own, in touch with each other. */
export function busContract(name: string, create: () => Promise<BusSubject> | BusSubject): void {
  describe(`${name} keeps the bus's contract`, () => {
    let subject: BusSubject
    let from: Bus
    let to: Bus
    /** Channels of one run are its own, on a wire that outlives it. */
    let run: string
    beforeEach(async () => {
      subject = await create()
      from = subject.from
      to = subject.to
      run = randomUUID()
    })
    afterEach(() => subject.close())

    async function record(channel: readonly string[]): Promise<{ heard: string[]; stop: () => void }> {
      const heard: string[] = []
      const stop = await to.subscribe(channel, message => heard.push(message))
      return { heard, stop }
    }

    it('delivers to every listener of the channel, in the order of publishing', async () => {
      const [one, two] = [await record([run, 'a']), await record([run, 'a'])]
      const sent = Array.from({ length: 200 }, (_, n) => `${n}`)
      for (const message of sent) from.publish([run, 'a'], message)
      await vi.waitFor(() => expect([one.heard, two.heard]).toEqual([sent, sent]))
    })

    it('delivers once to a subscription, and twice to a listener that subscribed twice', async () => {
      const heard: string[] = []
      const listener = (message: string) => heard.push(message)
      const stop = await to.subscribe([run, 'a'], listener)
      await to.subscribe([run, 'a'], listener)
      from.publish([run, 'a'], 'both')
      await vi.waitFor(() => expect(heard).toEqual(['both', 'both']))
      stop()
      stop()
      from.publish([run, 'a'], 'one')
      await vi.waitFor(() => expect(heard).toEqual(['both', 'both', 'one']))
    })

    it('carries any text unchanged', async () => {
      const { heard } = await record([run, 'a'])
      const sent = ['', '\r\nPUBLISH x y', '{"a":"é😀"}', 'x'.repeat(100_000)]
      for (const message of sent) from.publish([run, 'a'], message)
      await vi.waitFor(() => expect(heard).toEqual(sent))
    })

    it('never mixes channels, whatever their parts are made of', async () => {
      const names = [['a:b'], ['a', 'b'], ['a', '', 'b'], ['*'], ['?'], ['[a]'], ['{x}'], ['a'], ['"a","b"'], ['\r\n']]
      const all = await Promise.all(names.map(parts => record([run, ...parts])))
      for (const parts of names) from.publish([run, ...parts], JSON.stringify(parts))
      await vi.waitFor(() => expect(all.map(({ heard }) => heard)).toEqual(names.map(parts => [JSON.stringify(parts)])))
    })

    it('lets a throwing listener harm neither the others nor the publisher', async () => {
      await to.subscribe([run, 'a'], () => {
        throw new Error('a broken listener')
      })
      const { heard } = await record([run, 'a'])
      expect(() => from.publish([run, 'a'], 'one')).not.toThrow()
      from.publish([run, 'a'], 'two')
      await vi.waitFor(() => expect(heard).toEqual(['one', 'two']))
    })

    it('delivers nothing after a listener has left, also when it leaves while being called', async () => {
      const left = await record([run, 'a'])
      const once: string[] = []
      const stop = await to.subscribe([run, 'a'], message => {
        once.push(message)
        stop()
      })
      const { heard } = await record([run, 'a'])
      left.stop()
      from.publish([run, 'a'], 'one')
      from.publish([run, 'a'], 'two')
      await vi.waitFor(() => expect(heard).toEqual(['one', 'two']))
      expect([left.heard, once]).toEqual([[], ['one']])
    })

    it('delivers nothing to one whom another listener has just taken away', async () => {
      const stops: (() => void)[] = []
      const heard: string[] = []
      stops.push(await to.subscribe([run, 'a'], () => stops[1]?.()))
      stops.push(await to.subscribe([run, 'a'], message => heard.push(message)))
      const witness = await record([run, 'a'])
      from.publish([run, 'a'], 'one')
      await vi.waitFor(() => expect(witness.heard).toEqual(['one']))
      expect(heard).toEqual([])
    })

    it('keeps one order for all when a listener publishes', async () => {
      await to.subscribe([run, 'a'], message => {
        if (message === 'question') from.publish([run, 'a'], 'answer')
      })
      const { heard } = await record([run, 'a'])
      from.publish([run, 'a'], 'question')
      await vi.waitFor(() => expect(heard).toEqual(['question', 'answer']))
    })

    it('says that it reaches the others', () => {
      expect([from.connected, to.connected]).toEqual([true, true])
    })

    it('keeps names apart that are long, of lone surrogates, or alike but for their case', async () => {
      const long = 'x'.repeat(10_000)
      const names = [
        [long],
        [`${long}y`],
        [long, ''],
        ['\ud800'],
        ['\ud801'],
        ['\ufffd'],
        ['é'],
        ['%00e9'],
        ['A'],
        ['a'],
      ]
      const all = await Promise.all(names.map(parts => record([run, ...parts])))
      for (const [index, parts] of names.entries()) from.publish([run, ...parts], `${index}`)
      await vi.waitFor(() => expect(all.map(({ heard }) => heard)).toEqual(names.map((_, index) => [`${index}`])))
    })

    it('takes publishing to nobody and after closing without a word', async () => {
      const { heard } = await record([run, 'a'])
      from.publish([run, 'nobody'], 'x')
      for (const bus of [from, to]) await bus.close()
      expect(() => from.publish([run, 'a'], 'late')).not.toThrow()
      for (const bus of [from, to]) await bus.close()
      expect(heard).toEqual([])
    })
  })
}
