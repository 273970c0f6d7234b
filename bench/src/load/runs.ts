import { setTimeout } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import type { Measured } from './plan.ts'
import type { Stage } from './stage.ts'

/** Keeps `inFlight` messages under way, over all publishers in turn. */
export function closedLoop(stage: Stage, { inFlight, ms }: { readonly inFlight: number; readonly ms: number }) {
  return measured(stage, ms, (tally, isOver) => {
    let turn = 0
    const publish = () => stage.publish(turn++ % stage.publishers, performance.now())
    stage.watch({
      onDelivery() {
        tally.deliveries++
      },
      onComplete(since) {
        tally.completed(since)
        if (!isOver()) publish()
      },
    })
    for (let n = 0; n < inFlight; n++) publish()
    return setTimeout(ms)
  })
}

/** Publishes `perSecond`, whatever becomes of them. Times are of each delivery, from when its message was published: the load waits for nobody. */
export function openLoop(stage: Stage, { perSecond, ms }: { readonly perSecond: number; readonly ms: number }) {
  return measured(stage, ms, async tally => {
    stage.watch({
      onDelivery(since) {
        tally.deliveries++
        tally.times.push(performance.now() - since)
      },
      onComplete() {
        tally.messages++
      },
    })
    const began = performance.now()
    for (let n = 0; n < (ms * perSecond) / 1_000; n++) {
      const due = began + (n * 1_000) / perSecond
      const wait = due - performance.now()
      if (wait > 0) await setTimeout(wait)
      stage.publish(n % stage.publishers, performance.now())
    }
    await stage.drained()
  })
}

/** Keeps `inFlight` messages without their acknowledgements, over all publishers in turn. Nobody listens. */
export function acknowledged(stage: Stage, { inFlight, ms }: { readonly inFlight: number; readonly ms: number }) {
  return measured(stage, ms, (tally, isOver) => {
    const since = new Float64Array(stage.publishers)
    let turn = 0
    const publish = () => {
      const publisher = turn++ % stage.publishers
      since[publisher] = performance.now()
      stage.say(publisher)
    }
    stage.watch({
      onDelivery() {},
      onComplete() {},
      onAcknowledged(publisher) {
        tally.completed(since[publisher] ?? 0)
        if (!isOver()) publish()
      },
    })
    for (let n = 0; n < inFlight; n++) publish()
    return setTimeout(ms)
  })
}

interface Tally {
  messages: number
  deliveries: number
  readonly times: number[]
  /** A message is done that was published then. */
  completed(since: number): void
}

async function measured(
  stage: Stage,
  ms: number,
  run: (tally: Tally, isOver: () => boolean) => Promise<unknown>,
): Promise<Measured> {
  const tally: Tally = {
    messages: 0,
    deliveries: 0,
    times: [],
    completed(since) {
      this.messages++
      this.times.push(performance.now() - since)
    },
  }
  let over = false
  const before = process.cpuUsage()
  const began = performance.now()
  await Promise.race([stage.broken, run(tally, () => over)])
  // What comes while the rest drains is not counted.
  const { messages, deliveries } = tally
  const elapsed = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  const times = tally.times.slice()
  over = true
  await Promise.race([stage.broken, stage.drained()])
  return {
    ms: Math.max(ms, elapsed),
    cpuSeconds: (user + system) / 1e6,
    messages,
    deliveries,
    times: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) },
  }
}
