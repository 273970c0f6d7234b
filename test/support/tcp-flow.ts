import type { Socket } from 'node:net'

/** One direction of a connection: what comes in at one socket goes out at another, with back-pressure. */
export interface Flow {
  stall(): void
  go(): void
  delay(ms: number): void
}

/** What may be on its way while it is delayed; above it nothing more is read. */
const MOST_BYTES = 1_048_576

interface Chunk {
  readonly bytes: Buffer
  readonly due: number
}

/** `passes` is asked of each chunk whether it goes on. */
export function createFlow(from: Socket, to: Socket, passes: () => boolean): Flow {
  const held: Chunk[] = []
  let heldBytes = 0
  let delayMs = 0
  let stalled = false
  let timer: NodeJS.Timeout | undefined

  /** Reads on when nothing speaks against it. */
  const read = () => {
    if (stalled || heldBytes > MOST_BYTES || to.writableNeedDrain) from.pause()
    else from.resume()
  }

  const forward = () => {
    timer = undefined
    for (let chunk = held[0]; chunk !== undefined && !stalled; chunk = held[0]) {
      const wait = chunk.due - performance.now()
      if (wait > 0) {
        timer = setTimeout(forward, wait)
        return
      }
      held.shift()
      heldBytes -= chunk.bytes.length
      to.write(chunk.bytes)
    }
    if (from.readableEnded && held.length === 0) to.end()
    else read()
  }

  from.on('data', (bytes: Buffer) => {
    if (!passes()) return
    held.push({ bytes, due: performance.now() + delayMs })
    heldBytes += bytes.length
    if (timer === undefined) forward()
    else read()
  })
  from.once('end', () => {
    if (timer === undefined) forward()
  })
  to.on('drain', read)
  to.once('close', () => clearTimeout(timer))

  return {
    stall() {
      stalled = true
      read()
    },
    go() {
      stalled = false
      clearTimeout(timer)
      forward()
    },
    delay(ms) {
      delayMs = ms
    },
  }
}
