import { setTimeout } from 'node:timers/promises'
import type { Bus } from '../../src/bus/bus.ts'

/** What became of messages. */
export interface BusFaults {
  told: number
  arrived: number
  dropped: number
  doubled: number
  late: number
}

export interface BadBuses {
  readonly counts: Readonly<BusFaults>
  /** Stands before the bus of one node. */
  before(bus: Bus): Bus
}

const NONE: BusFaults = { told: 0, arrived: 0, dropped: 0, doubled: 0, late: 0 }
const PART = 0.1
/** Milliseconds by which a late message comes after those that were told after it. */
const LATE = { from: 1, to: 200 }

/** Buses to which one in ten commits is never told, as of a node that ends between the commit and the telling. */
export function untold(): BadBuses {
  const counts = { ...NONE }
  return {
    counts,
    before: bus =>
      altered(bus, {
        tell(channel, message) {
          counts.told++
          if (Math.random() < PART) counts.dropped++
          else bus.tell(channel, message)
        },
      }),
  }
}

/** Buses from which of ten messages one does not come, one comes twice, and one comes after later ones. */
export function unreliable(): BadBuses {
  const counts = { ...NONE }

  function arrive(message: string, listener: (message: string) => void): void {
    counts.arrived++
    const drawn = Math.random() / PART
    if (drawn < 1) {
      counts.dropped++
    } else if (drawn < 2) {
      counts.doubled++
      listener(message)
      listener(message)
    } else if (drawn < 3) {
      counts.late++
      void setTimeout(LATE.from + Math.random() * (LATE.to - LATE.from)).then(() => listener(message))
    } else {
      listener(message)
    }
  }

  return {
    counts,
    before: bus =>
      altered(bus, {
        subscribe: (channel, listener) => bus.subscribe(channel, message => arrive(message, listener)),
      }),
  }
}

/** The bus, with something else in the place of some of it. */
export function altered(bus: Bus, other: Partial<Pick<Bus, 'tell' | 'subscribe'>>): Bus {
  const { publish, tell, subscribe, onBack, onAway, close } = bus
  return {
    ...{ publish, tell, subscribe, onBack, onAway, close, ...other },
    get connected() {
      return bus.connected
    },
  }
}
