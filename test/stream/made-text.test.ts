import { expect, it } from 'vitest'
import type { Made } from '../../src/domain/records.ts'
import { encodeMade, madeIn } from '../../src/stream/made-text.ts'

const made: Made = {
  message: {
    ...{ id: 'm', conversationId: 'c', seq: 3, position: 7, senderId: 'ann', content: 'one\ntwo "é😀"' },
    ...{ metadata: { ['__proto__']: [1, null] }, mentions: ['bob'], replyToId: 'r', version: 2, clientMessageId: 'k' },
    ...{ createdAt: new Date(1), editedAt: new Date(2), deletedAt: new Date(3) },
  },
  sender: { id: 'ann', name: 'Ann', avatarUrl: 'https://example.org/ann.png' },
}

const bare: Made = {
  message: {
    ...{ ...made.message, content: null, metadata: null, mentions: [], replyToId: null },
    ...{ editedAt: null, deletedAt: null },
  },
  sender: { id: 'ann', name: null, avatarUrl: null },
}

it.each([
  ['everything', made],
  ['nothing that may be missing', bare],
])('says a message with %s in one line, so that it reads the same', (_, each) => {
  const line = encodeMade(each)
  expect(line).not.toContain('\n')
  expect(madeIn(line)).toEqual(each)
})

it('reads nothing of what is no message', () => {
  const line = encodeMade(made)
  const values: unknown[] = JSON.parse(line)
  const without = values.map((_, nth) => JSON.stringify(values.with(nth, { is: 'no value of its kind' })))
  const METADATA = 6
  for (const text of ['', 'null', '{}', '[]', line.slice(0, -1), JSON.stringify(values.slice(1))]) {
    expect(madeIn(text), text).toBeUndefined()
  }
  without.forEach((text, nth) => {
    if (nth !== METADATA) expect(madeIn(text), text).toBeUndefined()
  })
})
