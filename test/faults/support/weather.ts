import fc from 'fast-check'
import type { FragileServer } from './served.ts'

/** What may happen to the network, and to whoever is behind it, at a random time. */
export interface Fault {
  readonly what: 'cut one' | 'cut all' | 'reset one' | 'stall' | 'delay' | 'down' | 'away' | 'born' | 'born late'
  readonly which: number
  readonly ms: number
}

export const anyFault: fc.Arbitrary<Fault> = fc.record({
  what: fc.oneof(
    { arbitrary: fc.constant('cut one' as const), weight: 6 },
    { arbitrary: fc.constantFrom('cut all', 'stall', 'delay', 'down'), weight: 5 },
    { arbitrary: fc.constant('reset one' as const), weight: 4 },
    { arbitrary: fc.constant('away' as const), weight: 4 },
    { arbitrary: fc.constantFrom('born', 'born late'), weight: 3 },
  ),
  which: fc.nat(),
  ms: fc.integer({ min: 1, max: 60 }),
})

/** Those that are the network's alone. Resolves when it is over. */
export async function strike({ network }: FragileServer, { what, which, ms }: Fault): Promise<void> {
  const { connections } = network
  const one = connections[which % connections.length]
  if (what === 'cut one') one?.cut()
  if (what === 'reset one') one?.reset()
  if (what === 'cut all') network.cut()
  if (what === 'delay') network.delay(ms % 20)
  if (what === 'down') network.down()
  if (what === 'stall') network.stall(which % 2 === 0 ? 'down' : undefined)
  await pause(ms)
  network.up()
  network.flow()
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
