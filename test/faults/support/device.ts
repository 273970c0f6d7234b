import type { Actor } from './actor.ts'
import { type Channel, type Ending, openChannel, type Result } from './channel.ts'
import { type Heard, placeOf } from './due.ts'
import { fetchConversation } from './fetched.ts'
import { after, begins, type State, TOLD, type Told } from './state.ts'

/** One device of a user: subscribes, builds its state from what it is told, and comes back for ever where it was. */
export interface Device {
  readonly viewer: Actor
  /** Where its stream began, and the place that it has reached. */
  readonly from: number
  readonly reached: number
  readonly conversationId: string | undefined
  readonly heard: readonly Heard[]
  /** What must never happen, in words. */
  readonly problems: readonly string[]
  readonly connections: number
  /** The state, once all that was heard is in it. */
  state(): Promise<State>
  /** Is away for so long, and comes back. */
  away(ms: number): Promise<void>
  /** Drops its connection, and resolves when the next one has said that all is told, or was refused. */
  comeBack(): Promise<void>
  /** Resolves once it has been told this. */
  hears(fits: (told: Told) => boolean): Promise<void>
  close(): void
}

export interface DeviceOptions {
  readonly viewer: Actor
  readonly channel: Channel
  /** Where the network leads to the server. */
  readonly url: URL
  readonly position: string
  /** What it knows from before `position`; default: nothing. */
  readonly state?: State
  /** Absent: the inbox. */
  readonly conversationId?: string
}

/** What a connection may end with when the network or the server goes. Anything else is a problem. */
const CUTS =
  /^(1001|1006|1012|1013|fetch failed|terminated|the stream ended|.*(ECONN|EPIPE|socket|hang up|other side closed).*)$/s
/** What an opening may be refused with: it is tried again. Not a member now is one of these, for a conversation's stream. */
const REFUSALS = ['UNAVAILABLE']
const NO_MEMBER = ['NOT_FOUND', 'FORBIDDEN']
const PAUSE_MS = { cut: 30, complete: 30, refused: 120 } as const

const INBOX = `subscription Inbox { told: inbox { ...Told } } ${TOLD}`
const EVENTS = `subscription Events($id: ID!) { told: conversationEvents(conversationId: $id) { ...Told } } ${TOLD}`

export function createDevice(options: DeviceOptions): Device {
  const { viewer, conversationId } = options
  const heard: Heard[] = []
  const problems: string[] = []
  const waiting = new Set<(told: Told | null) => void>()
  let state: State = options.state ?? new Map()
  let taken = Promise.resolve()
  let { position } = options
  let connections = 0
  let leave = () => {}
  let timer: NodeJS.Timeout | undefined
  let closed = false
  open()

  function open() {
    connections++
    const { url, channel } = options
    const query = conversationId === undefined ? INBOX : EVENTS
    const variables = conversationId === undefined ? undefined : { id: conversationId }
    const request = { url, authorization: viewer.authorization, query, resumeAfter: position }
    leave = openChannel(channel, { ...request, ...(variables && { variables }) }, { next, end })
  }

  function next({ data, errors, extensions }: Result) {
    const told = data?.['told'] as Told | undefined
    if (told === undefined || errors !== undefined) {
      problems.push(`a result with errors: ${JSON.stringify(errors)}`)
      return
    }
    if (extensions?.position !== told.position) problems.push('extensions.position is not the position')
    if (placeOf(told.position) < placeOf(position)) problems.push(`${told.__typename} goes back`)
    position = told.position
    const { __typename: type, seq = 0, conversationId: id, message } = told
    if (type === 'ResyncRequired') problems.push('a cursor of this log is not known')
    if (id !== undefined) {
      heard.push({
        type,
        conversationId: id,
        seq,
        connection: connections,
        ...(message && { version: message.version }),
      })
    }
    taken = taken.then(() => take(told)).catch(error => void problems.push(String(error)))
    for (const wake of waiting) wake(told)
  }

  async function take(told: Told) {
    if (conversationId !== undefined) return
    state = after(state, viewer.id, told)
    if (!begins(viewer.id, told) || told.conversationId === undefined) return
    const fetched = await fetchConversation(viewer, told.conversationId)
    if (fetched !== undefined) state = new Map(state).set(fetched.state.id, fetched.state)
  }

  function end(ending: Ending) {
    if (!isExpected(ending)) problems.push(`ended: ${JSON.stringify(ending)}`)
    for (const wake of waiting) if (ending.type === 'refused') wake(null)
    if (!closed) timer = setTimeout(open, PAUSE_MS[ending.type])
  }

  function isExpected(ending: Ending): boolean {
    if (ending.type === 'cut') return CUTS.test(ending.why)
    if (ending.type === 'refused') {
      return REFUSALS.includes(ending.code) || (conversationId !== undefined && NO_MEMBER.includes(ending.code))
    }
    return conversationId !== undefined && heard.at(-1)?.type === 'AccessRevoked'
  }

  function drop() {
    clearTimeout(timer)
    leave()
  }

  /** Resolves at the first thing told that fits; null: the opening was refused. */
  function until(fits: (told: Told | null) => boolean): Promise<void> {
    return new Promise(resolve => {
      const wake = (told: Told | null) => {
        if (!fits(told)) return
        waiting.delete(wake)
        resolve()
      }
      waiting.add(wake)
    })
  }

  return {
    viewer,
    from: placeOf(options.position),
    get reached() {
      return placeOf(position)
    },
    conversationId,
    heard,
    problems,
    get connections() {
      return connections
    },
    async state() {
      await taken
      return state
    },
    async away(ms) {
      drop()
      await new Promise(resolve => setTimeout(resolve, ms))
      clearTimeout(timer)
      if (!closed) open()
    },
    async comeBack() {
      drop()
      const back = until(told => told === null || told.__typename === 'CaughtUp')
      open()
      await back
    },
    hears: fits => until(told => told !== null && fits(told)),
    close() {
      closed = true
      drop()
    },
  }
}
