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

test('whose a send is is never what its input says', () => {
  const { kind, input: ready } = toSend({ ...input, ...{ tenantId: 'other' } })
  const [tenants, ...columns] = kind.together?.([{ tenantId: 'own', input: ready }])?.values ?? []
  expect(tenants).toBe('{"own"}')
  expect(columns.join()).not.toContain('other')
})
