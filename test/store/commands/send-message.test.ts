import { expect, test } from 'vitest'
import { type SendMessageInput, toSend } from '../../../src/store/commands/send-message.ts'

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

test('whose a send is, and which, is never what its input says', () => {
  const forged = { ...input, tenantId: 'other', ord: 7 }
  const { kind, input: ready } = toSend(input)
  const statement = kind.together?.([
    { tenantId: 'own', input: ready },
    { tenantId: 'own', input: toSend(forged).input },
  ])
  const [tenants, ...columns] = statement?.values ?? []
  expect(tenants).toBe('{"own","own"}')
  expect(columns).toHaveLength(9)
  expect(columns.join()).not.toContain('other')
})

test('words reach the statement as they were said, whatever they have in common with an array', () => {
  const said = { ...input, content: 'a\\"b",{}NULL\n', mentions: ['NULL', 'a,"b"', ''] }
  const { kind, input: ready } = toSend(said)
  expect(kind.statement('own', [ready]).values).toContain('{"a\\\\\\"b\\",{}NULL\n"}')
  expect(kind.statement('own', [ready]).values).toContain('{"{\\"NULL\\",\\"a,\\\\\\"b\\\\\\"\\",\\"\\"}"}')
})
