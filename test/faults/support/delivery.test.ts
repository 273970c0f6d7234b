import { expect, test } from 'vitest'
import { type Acknowledged, type Heard, type HeardStream, judge, type Log, type LogEntry } from './delivery.ts'

const CLEAN = { lost: 0, doubled: 0, outOfOrder: 0, untrue: 0, findings: [] }
const some = expect.any(Array)

/** Four messages of alice, to two rooms in turn. */
const log: Log = {
  start: 'p0',
  entries: [1, 2, 3, 4].map(
    (n): LogEntry => ({
      type: 'MessageSent',
      position: `p${n}`,
      conversationId: n % 2 === 1 ? 'odd' : 'even',
      seq: Math.ceil(n / 2),
      message: { id: `m${n}`, senderId: 'alice', clientMessageId: `key ${n}` },
    }),
  ),
}
const told = log.entries.map(heardOf)
const caughtUp = (position: string): Heard => ({ type: 'CaughtUp', position })
const resync = (position: string): Heard => ({ type: 'ResyncRequired', position })

function heardOf({ type, position, conversationId, seq, message }: LogEntry): Heard {
  return { type, position, conversationId, seq, ...(message && { messageId: message.id }) }
}

function stream(heard: readonly (Heard | undefined)[], rest: Partial<HeardStream> = {}): HeardStream {
  const present = heard.filter(item => item !== undefined)
  return { name: 'bob', start: 'p0', heard: present, conversations: new Set(['odd', 'even']), ...rest }
}

function acknowledgementOf({ message, conversationId, seq, position }: LogEntry): Acknowledged {
  if (message === undefined) throw new Error('no message')
  return { ...message, conversationId, seq, position }
}

const verdictOn = (...heard: readonly (Heard | undefined)[]) => judge(log, { streams: [stream(heard)] })

test('all of it, once each and in order, is clean, with what is said about the stream in between', () => {
  const verdict = verdictOn(caughtUp('p0'), told[0], told[1], caughtUp('p2'), told[2], told[3])
  expect(verdict).toEqual({ acknowledged: 0, delivered: 4, ...CLEAN })
})

test('a stream of one room is to have that room alone', () => {
  const odd = { conversations: new Set(['odd']) }
  expect(judge(log, { streams: [stream([told[0], told[2], caughtUp('p4')], odd)] })).toMatchObject(CLEAN)
  expect(judge(log, { streams: [stream([told[0], told[1], told[2]], odd)] })).toMatchObject({
    ...CLEAN,
    untrue: 1,
    findings: some,
  })
})

test('a stream that began later is to have what is later', () => {
  const from = { start: 'p2' }
  expect(judge(log, { streams: [stream([told[2], told[3]], from)] })).toMatchObject(CLEAN)
  const { start: _, ...unsaid } = stream([caughtUp('p2'), told[2], told[3]])
  expect(judge(log, { streams: [unsaid] })).toMatchObject(CLEAN)
})

test.each<[string, readonly (Heard | undefined)[], object]>([
  ['lost', [told[0], told[1], told[3]], { lost: 1 }],
  ['lost at the end', [told[0], told[1], told[2]], { lost: 1 }],
  ['lost, all', [], { lost: 4 }],
  ['doubled', [told[0], told[1], told[1], told[2], told[3]], { doubled: 1 }],
  ['out of order', [told[0], told[2], told[1], told[3]], { outOfOrder: 1 }],
  ['doubled and out of order', [...told, told[0]], { doubled: 1, outOfOrder: 1 }],
  ['untrue: another message', [told[0], { ...told[1], messageId: 'm9' } as Heard, told[2], told[3]], { untrue: 1 }],
  ['untrue: no place of the log', [...told, caughtUp('p9')], { untrue: 1 }],
])('%s', (_, heard, faults) => {
  expect(verdictOn(...heard)).toMatchObject({ ...CLEAN, ...faults, findings: some })
  expect(verdictOn(...heard).findings).not.toEqual([])
})

test('after ResyncRequired it is to have what follows, and what came before it may be of another log', () => {
  const gone: Heard = { type: 'MessageSent', position: 'q2', conversationId: 'even', seq: 1, messageId: 'n2' }
  expect(verdictOn(told[0], gone, resync('p1'), told[1], told[2], told[3])).toMatchObject(CLEAN)
  expect(verdictOn(told[0], gone, resync('p1'), told[1], told[3])).toMatchObject({ ...CLEAN, lost: 1, findings: some })
})

test('two events under one number without ResyncRequired in between are untrue', () => {
  const gone: Heard = { type: 'MessageSent', position: 'q2', conversationId: 'even', seq: 1, messageId: 'n2' }
  const verdict = verdictOn(told[0], gone, told[1], resync('p1'), told[1], told[2], told[3])
  expect(verdict).toMatchObject({ ...CLEAN, untrue: 1, findings: some })
})

test('acknowledgements are to be in the log, as they were said', () => {
  const acknowledged = log.entries.map(acknowledgementOf)
  const [first, second, third, fourth] = acknowledged
  if (!first || !second || !third || !fourth) throw new Error('four')
  const verdictOf = (...said: readonly Acknowledged[]) => judge(log, { streams: [], acknowledged: said })
  expect(verdictOf(...acknowledged)).toEqual({ acknowledged: 4, delivered: 0, ...CLEAN })
  expect(verdictOf({ ...first, clientMessageId: 'key 9' })).toMatchObject({ ...CLEAN, lost: 1, findings: some })
  for (const wrong of [{ id: 'm9' }, { seq: 9 }, { position: 'p9' }, { conversationId: 'even' }]) {
    expect(verdictOf({ ...first, ...wrong })).toMatchObject({ ...CLEAN, untrue: 1, findings: some })
  }
  expect(verdictOf(third, second, first, fourth)).toMatchObject({ ...CLEAN, outOfOrder: 1, findings: some })
})

test('a log with a hole in a conversation, or a key twice, is not clean itself', () => {
  const [first, second, third, fourth] = log.entries
  if (!first || !second || !third || !fourth) throw new Error('four')
  const fifth = { ...third, seq: 3, position: 'p5' }
  expect(judge({ start: 'p0', entries: [first, second, fifth] }, { streams: [] })).toMatchObject({
    ...CLEAN,
    lost: 1,
    findings: some,
  })
  expect(judge({ start: 'p0', entries: [...log.entries, fifth] }, { streams: [] })).toMatchObject({
    ...CLEAN,
    doubled: 1,
    findings: some,
  })
})
