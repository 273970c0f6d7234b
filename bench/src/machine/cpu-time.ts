import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second, on every machine that Node runs on. */
const TICK = 0.01

/** Seconds of processor time that a process and its children, the ended ones too, have used so far; 0 where there is no /proc to say so. */
export function familySeconds(pid: number): number {
  return statsOf(processes()).reduce((sum, { id, parent, seconds, ofEnded }) => {
    if (id === pid) return sum + seconds + ofEnded
    return parent === pid ? sum + seconds : sum
  }, 0)
}

/** Seconds that all processors together were busy since the machine started, and of these those that a hypervisor took. Null without /proc. */
export function machineSeconds(): { readonly busy: number; readonly stolen: number } | null {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number)
    return { busy: (user + nice + system + irq + softirq) * TICK, stolen: steal * TICK }
  } catch {
    return null
  }
}

function processes(): readonly string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function statsOf(ids: readonly string[]) {
  return ids.flatMap(id => {
    try {
      // The name of the program stands in brackets, and may contain spaces and brackets itself.
      const text = readFileSync(`/proc/${id}/stat`, 'utf8')
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const [own = 0, ownInKernel = 0, ended = 0, endedInKernel = 0] = fields.slice(11, 15).map(Number)
      const seconds = (own + ownInKernel) * TICK
      return [{ id: Number(id), parent: Number(fields[1]), seconds, ofEnded: (ended + endedInKernel) * TICK }]
    } catch {
      return [] // It has ended meanwhile.
    }
  })
}
