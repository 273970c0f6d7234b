import { expect, it } from 'vitest'
import type { CommittedEvent } from '../../src/domain/event.ts'
import type { MessageRecord, ReceiptChange } from '../../src/domain/records.ts'
import { decodeBatch, encodeBatch } from '../../src/stream/batch-text.ts'

const at = new Date('2026-11-25T12:00:00.123Z')
const after = { position: 6, mark: -9_223_372_036_854_775_808n }

const message: MessageRecord = {
  ...{ id: 'm', conversationId: 'c', seq: 3, position: 7, senderId: 'ann "the\r\n{cat}"', content: 'é😀' },
  ...{ metadata: { ['__proto__']: [1, null] }, mentions: ['bob'], replyToId: null, version: 1, clientMessageId: 'k' },
  ...{ createdAt: at, editedAt: null, deletedAt: null },
}

const made = { message, sender: { id: 'ann "the\r\n{cat}"', name: 'Ann', avatarUrl: null } }

const place = (position: number, seq: number) => ({
  position,
  mark: BigInt(position) ** 9n,
  conversationId: 'c',
  seq,
  at,
})

const events: readonly CommittedEvent[] = [
  { ...place(7, 3), kind: 'MessageSent', actorId: 'ann', refs: { messageId: 'm', version: 1 }, made: () => made },
  { ...place(8, 4), kind: 'MemberLeft', actorId: null, refs: { userId: 'bob' } },
  { ...place(9, 1), kind: 'ConversationCreated', actorId: 'ann', refs: { memberIds: ['ann', 'bob'] } },
]

const receipts: readonly ReceiptChange[] = [
  { receiptPosition: 1, kind: 'READ', conversationId: 'c', userId: 'bob', messageId: 'm', seq: 3, at, reason: null },
  {
    receiptPosition: 2,
    kind: 'FAILED',
    conversationId: 'c',
    userId: 'eve',
    messageId: 'm',
    seq: 3,
    at,
    reason: 'full',
  },
]

it('says a batch so that another node reads the same', () => {
  const read = decodeBatch(encodeBatch({ after, events, receipts, more: true }))
  const told = (each: CommittedEvent) => ({ ...each, made: each.made?.() })
  expect(read?.after).toEqual(after)
  expect(read?.events.map(told)).toEqual(events.map(told))
  expect(read?.receipts).toEqual(receipts)
  expect(read?.more).toBe(true)
})

it('takes a thing made that cannot be read for one that was not brought', () => {
  const [first] = events
  const broken = { ...first, made: () => ({ ...made, message: { ...message, seq: 'three' } }) }
  const text = encodeBatch({ after, events: [broken as unknown as CommittedEvent], receipts: [], more: false })
  const [event] = decodeBatch(text)?.events ?? []
  expect(event).toMatchObject({ position: 7, refs: { messageId: 'm' } })
  expect(event?.made?.()).toBeUndefined()
})

it('reads nothing of what is no batch', () => {
  const good = encodeBatch({ after, events, receipts, more: true })
  const bad = [
    '',
    'null',
    '{}',
    '[]',
    '[2,0,"0",[],[],false]',
    '[3,-1,"0",[],[],false]',
    '[3,0.5,"0",[],[],false]',
    '[3,0,"x",[],[],false]',
    '[3,0,"99999999999999999999",[],[],false]',
    '[3,0,"9223372036854775808",[],[],false]',
    '[3,0,"0",[],[[1,"READ","c","bob","m",3,8640000000000001,null]],false]',
    '[3,0,"0",[[]],[],false]',
    '[3,0,"0",{},[],false]',
    '[3,0,"0",[],[]]',
    '[3,0,"0",[],[],0]',
  ]
  const [header = '', line = ''] = good.split('\n')
  const cut = [header.slice(0, -1), `${line}\n${header}`, header, `${good}\n${line}`]
  for (const text of [
    ...bad,
    ...cut,
    good.replace('MemberLeft', 'MemberAte'),
    good.replace('"bob"', '7'),
    good.replace('"userId"', '"user"'),
  ]) {
    expect(decodeBatch(text), text).toBeUndefined()
  }
})
