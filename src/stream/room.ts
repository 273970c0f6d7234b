import { tooManySelections } from './refusals.ts'
import type { Selection } from './selection.ts'
import type { Sink } from './sink.ts'

/** A topic in memory: its listeners, by what they have selected. A plain map, for there are as many as there are users online. */
export type Room<Source, Listener> = Map<string, Group<Source, Listener>>

export interface Group<Source, Listener> {
  /** The first comer's, whose equals need none of their own. */
  readonly selection: Selection<Source>
  readonly listeners: Set<Listener>
}

interface Listening<Source> {
  readonly sink: Sink
  readonly selection: Selection<Source>
}

/** Throws TOO_MANY_SELECTIONS when the viewer already listens here with `limit` documents and none of them is this one. */
export function admit<Source, Listener extends Listening<Source>>(
  room: Room<Source, Listener>,
  userId: string,
  key: string,
  limit: number,
): void {
  const present = room.get(key)
  if (present !== undefined && listens(present, userId)) return
  let selections = 0
  for (const group of room.values()) {
    if (listens(group, userId) && ++selections >= limit) throw tooManySelections(limit)
  }
}

export function enter<Source, Listener extends Listening<Source>>(
  room: Room<Source, Listener>,
  listener: Listener,
): void {
  const { selection } = listener
  const group = room.get(selection.key)
  if (group === undefined) room.set(selection.key, { selection, listeners: new Set([listener]) })
  else group.listeners.add(listener)
}

export function leave<Source, Listener extends Listening<Source>>(
  room: Room<Source, Listener>,
  listener: Listener,
): void {
  const { key } = listener.selection
  const group = room.get(key)
  group?.listeners.delete(listener)
  if (group?.listeners.size === 0) room.delete(key)
}

function listens<Source, Listener extends Listening<Source>>(group: Group<Source, Listener>, userId: string): boolean {
  for (const listener of group.listeners) if (listener.sink.userId === userId) return true
  return false
}
