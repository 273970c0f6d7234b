import { expect, test } from 'vitest'
import { columnsOf, type SendMessageInput, sendsOf, sendsTogether } from '../../../src/store/commands/send-statement.ts'

const input: SendMessageInput = {
  messageId: '01914f1e-7b1e-7d3c-9a51-0123456789ab',
  conversationId: '01914f1e-7b1e-7d3c-9a51-0123456789ab',
  senderId: 'alice',
  content: 'hello',
  metadata: null,
  mentions: [],
  replyToId: null,
  clientMessageId: 'key',
  inputHash: '00',
}

const send = (over: Partial<SendMessageInput> = {}) => {
  const changed = { ...input, ...over }
  return { input: changed, columns: columnsOf(changed) }
}

test('whose a send is is never what its input says', () => {
  const foreign: SendMessageInput = { ...input, ...{ tenantId: 'other' } }
  const other = send(foreign)
  for (const [whose, { values }] of [
    ['own', sendsOf('own', [other])],
    [['own'], sendsTogether([{ tenantId: 'own', input: other }])],
  ] as const) {
    expect(values[0]).toEqual(whose)
    expect(values.slice(1).join()).not.toContain('other')
  }
})

test('nothing is looked up of replies and mentions where there are none, and everything where there is one', () => {
  const nameOf = (...sends: ReturnType<typeof send>[]) => sendsOf('own', sends).name
  expect(nameOf(send(), send())).toBe('send_plain_message')
  for (const over of [{ replyToId: input.messageId }, { mentions: ['bob'] }]) {
    expect(nameOf(send(over))).toBe('send_message')
    expect(nameOf(send(), send(over), send())).toBe('send_message')
  }
})
