/**
 * What clients were told, held against the log. Nothing here knows how the server works: it has the contract's words alone, and a position is a text
 * that is only ever compared for being the same.
 */

/** An event as the log has it. A log is a list of them, the oldest first. */
export interface LogEntry {
  readonly type: string
  readonly position: string
  readonly conversationId: string
  readonly seq: number
  /** Of a message that was sent. */
  readonly message?: LoggedMessage
}

export interface LoggedMessage {
  readonly id: string
  readonly senderId: string
  readonly clientMessageId: string
}

/** A log from a place of its own on: where it was read from, and all that came after. */
export interface Log {
  readonly start: string
  readonly entries: readonly LogEntry[]
}

/** One result of a durable stream, in the order of arrival. What is about the stream itself (`CaughtUp`, `ResyncRequired`) has no number. */
export interface Heard {
  readonly type: string
  readonly position: string
  readonly conversationId?: string
  readonly seq?: number
  readonly messageId?: string
}

/** All that one client heard, over all its connections. */
export interface HeardStream {
  readonly name: string
  /** The position after which it began. Absent: at what it heard first, which is then `CaughtUp` or `ResyncRequired`. */
  readonly start?: string
  readonly heard: readonly Heard[]
  /** The conversations whose events it must be told. */
  readonly conversations: ReadonlySet<string>
}

/** A send that a client was told to be done. */
export interface Acknowledged extends LoggedMessage {
  readonly conversationId: string
  readonly seq: number
  readonly position: string
}

/** Counts over all streams and acknowledgements; all but the first two must be 0. */
export interface Verdict {
  readonly acknowledged: number
  readonly delivered: number
  readonly lost: number
  readonly doubled: number
  readonly outOfOrder: number
  /** Heard or acknowledged, and not what the log has at that place. */
  readonly untrue: number
  /** The first few of them, in words. */
  readonly findings: readonly string[]
}

type Fault = 'lost' | 'doubled' | 'outOfOrder' | 'untrue'

const FINDINGS = 20

/** Compares all that was said with the log. */
export function judge(
  log: Log,
  said: { readonly streams: readonly HeardStream[]; readonly acknowledged?: readonly Acknowledged[] },
): Verdict {
  const counts = { lost: 0, doubled: 0, outOfOrder: 0, untrue: 0 }
  const findings: string[] = []
  const note: Note = (fault, what) => {
    counts[fault] += 1
    if (findings.length < FINDINGS) findings.push(`${fault}: ${what}`)
  }
  const places = placesOf(log)
  const acknowledged = said.acknowledged ?? []
  judgeLog(log, note)
  judgeAcknowledgements(log, acknowledged, note)
  for (const stream of said.streams) judgeStream(log, places, stream, note)
  const delivered = said.streams.reduce((sum, { heard }) => sum + heard.filter(isEvent).length, 0)
  return { acknowledged: acknowledged.length, delivered, ...counts, findings }
}

type Note = (fault: Fault, what: string) => void
/** Each position of the log, and the index of the entry that follows it. */
type Places = ReadonlyMap<string, number>

function placesOf({ start, entries }: Log): Places {
  return new Map([start, ...entries.map(({ position }) => position)].map((position, index) => [position, index]))
}

/** Without a hole in any conversation, and of each sender's messages to one in the order of the keys, none twice. */
function judgeLog({ start, entries }: Log, note: Note): void {
  const positions = new Set([start])
  const seqs = new Map<string, number>()
  const keys = new Set<string>()
  for (const { position, conversationId, seq, message } of entries) {
    if (positions.has(position)) note('doubled', `position ${position} in the log`)
    positions.add(position)
    const before = seqs.get(conversationId)
    if (before !== undefined && seq !== before + 1) note('lost', `number ${before + 1} of ${conversationId} in the log`)
    seqs.set(conversationId, seq)
    const key = message && `${message.senderId} ${message.clientMessageId}`
    if (key !== undefined && keys.has(key)) note('doubled', `message ${key} in the log`)
    if (key !== undefined) keys.add(key)
  }
}

function judgeAcknowledgements({ entries }: Log, acknowledged: readonly Acknowledged[], note: Note): void {
  const byKey = new Map(entries.map(entry => [keyOf(entry.message), entry]))
  const last = new Map<string, number>()
  for (const said of acknowledged) {
    const name = keyOf(said)
    const entry = byKey.get(name)
    if (entry === undefined) {
      note('lost', `acknowledged message ${name}`)
      continue
    }
    const { message, conversationId, seq, position } = entry
    const isTrue = message?.id === said.id && conversationId === said.conversationId && seq === said.seq
    if (!isTrue || position !== said.position) note('untrue', `acknowledgement of ${name} with number ${said.seq}`)
    // A sender waits for each acknowledgement before it sends on: they come in the order of the sends.
    const thread = `${said.senderId} ${conversationId}`
    if (seq <= (last.get(thread) ?? 0)) note('outOfOrder', `message ${name} in the log`)
    last.set(thread, seq)
  }
}

function keyOf(message: LoggedMessage | undefined): string {
  return `${message?.senderId} ${message?.clientMessageId}`
}

/** What is told between one `ResyncRequired` and the next is one stretch of one log; only the last one is sure to be of this log. */
function judgeStream(log: Log, places: Places, stream: HeardStream, note: Note): void {
  const stretches = stretchesOf(stream)
  for (const { heard } of stretches) judgeNumbers(stream.name, heard, note)
  const last = stretches.at(-1)
  const from = places.get(last?.start ?? '')
  if (last === undefined || from === undefined) {
    note('untrue', `${stream.name} began at ${last?.start}, which is no place of the log`)
    return
  }
  const due = log.entries.slice(from).filter(entry => stream.conversations.has(entry.conversationId))
  judgeStretch(stream.name, due, last.heard, places, note)
}

interface Stretch {
  readonly start: string | undefined
  readonly heard: readonly Heard[]
}

function stretchesOf({ start, heard }: HeardStream): readonly Stretch[] {
  const stretches: { start: string | undefined; heard: Heard[] }[] = [{ start: start ?? heard[0]?.position, heard: [] }]
  for (const item of heard) {
    if (item.type === 'ResyncRequired') stretches.push({ start: item.position, heard: [] })
    stretches.at(-1)?.heard.push(item)
  }
  return stretches
}

/** No two events under one number, whether or not the log has them still. */
function judgeNumbers(name: string, heard: readonly Heard[], note: Note): void {
  const known = new Map<string, string>()
  for (const { conversationId, seq, position } of heard.filter(isEvent)) {
    const number = `${conversationId} ${seq}`
    const other = known.get(number)
    if (other !== undefined && other !== position) note('untrue', `${name} was told two events as ${number}`)
    known.set(number, position)
  }
}

function judgeStretch(
  name: string,
  due: readonly LogEntry[],
  heard: readonly Heard[],
  places: Places,
  note: Note,
): void {
  const missing = new Map(due.map(entry => [entry.position, entry]))
  const told = new Set<string>()
  let reached = -1
  for (const item of heard) {
    const place = places.get(item.position)
    if (place === undefined) {
      note('untrue', `${name} was told ${item.type} at ${item.position}, which is no place of the log`)
      continue
    }
    if (place < reached) note('outOfOrder', `${name} was told ${item.type} ${item.seq ?? ''} after a later one`)
    reached = Math.max(reached, place)
    if (!isEvent(item)) continue
    const entry = missing.get(item.position)
    if (told.has(item.position)) note('doubled', `${name} was told number ${item.seq} of ${item.conversationId} again`)
    else if (entry === undefined || !isSame(entry, item)) note('untrue', `${name} was told ${JSON.stringify(item)}`)
    told.add(item.position)
    missing.delete(item.position)
  }
  for (const { conversationId, seq } of missing.values())
    note('lost', `${name} lacks number ${seq} of ${conversationId}`)
}

function isSame(entry: LogEntry, heard: Heard): boolean {
  const { type, conversationId, seq, message } = entry
  return (
    heard.type === type &&
    heard.conversationId === conversationId &&
    heard.seq === seq &&
    heard.messageId === message?.id
  )
}

function isEvent({ seq }: Heard): boolean {
  return seq !== undefined
}
