import type { StreamItem } from '../domain/event.ts'
import type { Payload, Selection } from './selection.ts'

/** What became of one execution. */
export type Rendered = { readonly payload: Payload } | { readonly error: unknown }

/** Executes the selection on the source. Never throws or rejects; asynchronous only when the execution is. */
export function attempt<Source>(selection: Selection<Source>, source: Source): Rendered | Promise<Rendered> {
  try {
    const result = selection.render(source)
    if (!(result instanceof Promise)) return { payload: result }
    return result.then(
      payload => ({ payload }),
      error => ({ error }),
    )
  } catch (error) {
    return { error }
  }
}

/** The newest items' executions, so that sinks that lag together share them as joined ones do. */
export interface Renderings {
  /** The execution that is kept or under way, else a new one. Failures are not kept. */
  render(item: StreamItem, selection: Selection<StreamItem>): Rendered | Promise<Rendered>
  clear(): void
}

interface Kept {
  readonly bySelection: Map<Selection<StreamItem>, Rendered | Promise<Rendered>>
  chars: number
}

const MAX_ITEMS = 64

/** Keeps at most `maxChars` characters of JSON, of at most 64 items. An item is known by its identity: whoever replaces it starts afresh. */
export function createRenderings(maxChars: number): Renderings {
  const kept = new Map<StreamItem, Kept>()
  let chars = 0

  function trim(): void {
    for (const [item, entry] of kept) {
      if (kept.size <= MAX_ITEMS && chars <= maxChars) return
      kept.delete(item)
      chars -= entry.chars
    }
  }

  function entryOf(item: StreamItem): Kept {
    const known = kept.get(item)
    if (known !== undefined) return known
    const entry: Kept = { bySelection: new Map(), chars: 0 }
    kept.set(item, entry)
    return entry
  }

  function settle(item: StreamItem, entry: Kept, selection: Selection<StreamItem>, rendered: Rendered): void {
    if (kept.get(item) !== entry) return
    if ('error' in rendered) {
      entry.bySelection.delete(selection)
      return
    }
    entry.bySelection.set(selection, rendered)
    entry.chars += rendered.payload.json.length
    chars += rendered.payload.json.length
    trim()
  }

  return {
    render(item, selection) {
      const entry = entryOf(item)
      const known = entry.bySelection.get(selection)
      if (known !== undefined) return known
      const rendered = attempt(selection, item)
      if (rendered instanceof Promise) {
        entry.bySelection.set(selection, rendered)
        void rendered.then(done => settle(item, entry, selection, done))
      } else settle(item, entry, selection, rendered)
      return rendered
    },
    clear() {
      kept.clear()
      chars = 0
    },
  }
}
