import type { Settings } from '../settings.ts'
import { colloquy } from './colloquy.ts'
import type { Contestant } from './contestant.ts'
import { apollo, mercurius, socketIo, wsLoop, yoga } from './peers.ts'

/** Everyone who delivers messages. A quick run leaves out who was never the fastest of a kind: they take as long to start as the others. */
export function field({ quick }: Settings): readonly Contestant[] {
  return quick ? [colloquy, wsLoop, mercurius, apollo] : [colloquy, wsLoop, socketIo, mercurius, apollo, yoga]
}
