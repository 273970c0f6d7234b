/** What a server is made of, in the order of its making. */
export interface Parts {
  /** Remembers what must be closed, and gives it back. */
  keep<Part extends { close(): Promise<void> }>(part: Part): Part
  /** Closes the last made first; one that fails keeps no other from closing. Idempotent. Rejects with an AggregateError of the failures. */
  close(): Promise<void>
}

export function createParts(): Parts {
  const kept: { close(): Promise<void> }[] = []
  let closing: Promise<void> | undefined

  const closeAll = async () => {
    const failures: unknown[] = []
    for (const part of kept.toReversed()) await part.close().catch(error => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything ended cleanly.')
  }

  return {
    keep(part) {
      kept.push(part)
      return part
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}
