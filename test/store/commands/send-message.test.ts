import { expect, test } from 'vitest'
import { type SendMessageInput, sendMessage } from '../../../src/store/commands/send-message.ts'

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
  const statement = sendMessage.together?.([
    { tenantId: 'own', input },
    { tenantId: 'own', input: forged },
  ])
  const [rows] = statement?.values ?? []
  expect(JSON.parse(String(rows))).toMatchObject([
    { tenantId: 'own', ord: 0 },
    { tenantId: 'own', ord: 1 },
  ])
})
