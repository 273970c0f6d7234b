/** What a server process says of itself at /metrics. */
export interface Gauges {
  /** In MB (10^6 bytes), as all here. */
  readonly residentMb: number
  readonly heapMb: number
  /** Bytes outside V8's heap that it holds for buffers. */
  readonly externalMb: number
  /** Seconds of processor time that it has taken since it began. */
  readonly cpuSeconds: number
  /** How many file descriptors it has open. */
  readonly fds: number
}

export async function readGauges(url: URL): Promise<Gauges> {
  const page = await (await fetch(new URL('/metrics', url))).text()
  const gauge = (name: string) => Number(new RegExp(`^colloquy_${name} (.+)$`, 'm').exec(page)?.[1])
  return {
    residentMb: gauge('process_resident_memory_bytes') / 1e6,
    heapMb: gauge('nodejs_heap_size_used_bytes') / 1e6,
    externalMb: gauge('nodejs_external_memory_bytes') / 1e6,
    cpuSeconds: gauge('process_cpu_seconds_total'),
    fds: gauge('process_open_fds'),
  }
}

export interface Watch {
  /** Ends it, and gives the most that was seen of each. */
  most(): Promise<Gauges>
}

/** Looks again and again. */
export function watchGauges(url: URL, everyMs: number): Watch {
  let goesOn = true
  const watching = look()
  return {
    most() {
      goesOn = false
      return watching
    },
  }

  async function look(): Promise<Gauges> {
    let most = await readGauges(url)
    while (goesOn) {
      await new Promise(resolve => setTimeout(resolve, everyMs))
      const now = await readGauges(url)
      most = {
        residentMb: Math.max(most.residentMb, now.residentMb),
        heapMb: Math.max(most.heapMb, now.heapMb),
        externalMb: Math.max(most.externalMb, now.externalMb),
        cpuSeconds: now.cpuSeconds,
        fds: Math.max(most.fds, now.fds),
      }
    }
    return most
  }
}

/** The value below which so much of them lies; `part` from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
