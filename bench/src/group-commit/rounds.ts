import { setTimeout } from 'node:timers/promises'
import type { Scene } from './scene.ts'

/** Sends per second by so many people, each of whom sends again as soon as the last send is committed, beside so many who edit in the same manner. */
export async function throughput(
  scene: Scene,
  { senders, editors, ms }: { readonly senders: number; readonly editors: number; readonly ms: number },
): Promise<number> {
  const edits = await Promise.all(Array.from({ length: editors }, (_, n) => scene.editor(n)))
  const began = performance.now()
  const isOver = () => performance.now() - began >= ms
  let sent = 0
  await Promise.all([
    ...Array.from({ length: senders }, async (_, person) => {
      while (!isOver()) {
        await scene.send(person)
        if (!isOver()) sent++
      }
    }),
    ...edits.map(async edit => {
      while (!isOver()) await edit()
    }),
  ])
  return (sent / ms) * 1_000
}

/** Milliseconds that each send took, at so many a second, whatever becomes of the others. */
export async function latencies(
  scene: Scene,
  { people, perSecond, ms }: { readonly people: number; readonly perSecond: number; readonly ms: number },
): Promise<readonly number[]> {
  const began = performance.now()
  const sends: Promise<number>[] = []
  for (let n = 0; n < (ms * perSecond) / 1_000; n++) {
    const wait = began + (n * 1_000) / perSecond - performance.now()
    if (wait > 0) await setTimeout(wait)
    const sent = performance.now()
    sends.push(scene.send(n % people).then(() => performance.now() - sent))
  }
  return Promise.all(sends)
}
