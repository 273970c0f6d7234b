import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Json } from '../../src/domain/json.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import type { MessageInput } from '../../src/services/services.ts'
import { countTo, openWorld, type World } from '../support/world.ts'

describe('sending', () => {
  let world: World
  let ada: Viewer
  let bob: Viewer
  let eve: Viewer
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const people = await world.people()
    ;[ada, bob, eve] = [people.ada, people.bob, people.eve]
    conversationId = (await world.conversations.create(ada, { kind: 'GROUP', memberIds: ['bob'] })).thing.id
  })

  const send = (viewer: Viewer, input: Partial<MessageInput & { conversationId: string }> = {}) =>
    world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: newId(), ...input })
  const stored = async (id: string) => (await world.messages.byIds(ada, [id]))[0]

  it('stores what it answers, and says so in the log', async () => {
    const first = await send(bob)
    const { thing, position } = await send(ada, {
      content: 'Hello\n',
      clientMessageId: 'key',
      replyToId: first.thing.id,
      mentions: ['bob', 'ada', 'bob'],
      metadata: { a: [1.5, null, { b: 'ö' }] },
    })
    expect(thing).toMatchObject({
      conversationId,
      seq: 3,
      senderId: 'ada',
      content: 'Hello\n',
      clientMessageId: 'key',
      replyToId: first.thing.id,
      mentions: ['bob', 'ada'],
      metadata: { a: [1.5, null, { b: 'ö' }] },
      version: 1,
      editedAt: null,
      deletedAt: null,
    })
    expect(await stored(thing.id)).toEqual(thing)
    const [event] = (await world.events(ada)).slice(-1)
    const refs = { messageId: thing.id, version: 1 }
    expect(event).toMatchObject({ kind: 'MessageSent', seq: 3, actorId: 'ada', refs, at: thing.createdAt })
    expect(position).toEqual({ position: event?.position, mark: event?.mark })
    const [conversation] = await world.conversations.byIds(ada, [conversationId])
    expect(conversation).toMatchObject({ lastMessageId: thing.id, lastSeq: 3, lastPosition: thing.position })
  })

  it('numbers many at once without a hole, each sender’s in the order of sending', async () => {
    const sent = await Promise.all(countTo(40).map(n => send(n % 2 === 0 ? ada : bob, { content: `${n}` })))
    expect(sent.map(({ thing }) => thing.seq).toSorted((a, b) => a - b)).toEqual(countTo(40).map(n => n + 1))
    for (const parity of [0, 1]) {
      const own = sent.filter((_, n) => n % 2 === parity).map(({ thing }) => thing.seq)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  it('is for members of a conversation that is there', async () => {
    const elsewhere = (await world.people()).ada
    const at = ['NOT_FOUND', 'conversationId'] as const
    const told = [
      await world.refuses(ada, at, () => send(eve)),
      await world.refuses(ada, at, () => send(elsewhere)),
      await world.refuses(elsewhere, at, () => send(elsewhere)),
    ]
    for (const id of [newId(), 'rubbish', '', 'a\0', '\ud800', conversationId.toUpperCase()]) {
      told.push(await world.refuses(ada, at, () => send(ada, { conversationId: id })))
    }
    expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    conversationId = (await world.conversations.create(ada, { kind: 'PUBLIC' })).thing.id
    await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => send(eve))
  })

  it('answers only a message of the same conversation', async () => {
    const here = await send(ada)
    const other = await world.conversations.create(ada, { kind: 'GROUP' })
    const elsewhere = await send(ada, { conversationId: other.thing.id })
    const unseen = await world.conversations.create(eve, { kind: 'GROUP' })
    const hidden = await send(eve, { conversationId: unseen.thing.id })
    const told = []
    for (const replyToId of [elsewhere.thing.id, hidden.thing.id, newId(), conversationId, 'rubbish', '', 'a\0']) {
      told.push(await world.refuses(ada, ['NOT_FOUND', 'replyToId'], () => send(ada, { replyToId })))
    }
    expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    await world.messages.remove(ada, { messageId: here.thing.id })
    expect((await send(bob, { replyToId: here.thing.id })).thing.replyToId).toBe(here.thing.id)
  })

  it('mentions members alone, and at most 100', async () => {
    for (const stranger of ['eve', 'nobody', '', 'a\0', '\ud800', 'x'.repeat(10_000)]) {
      await world.refuses(ada, ['NOT_FOUND', 'mentions'], () => send(ada, { mentions: ['bob', stranger] }))
    }
    const crowd = countTo(101).map(n => `user-${n}`)
    await world.refuses(ada, ['LIMIT_REACHED', 'mentions'], () => send(ada, { mentions: crowd }))
    expect((await send(ada, { mentions: [] })).thing.mentions).toEqual([])
    expect((await send(ada, { mentions: countTo(200).map(() => 'bob') })).thing.mentions).toEqual(['bob'])
    await world.members.remove(ada, { conversationId, userId: 'bob' })
    await world.refuses(ada, ['NOT_FOUND', 'mentions'], () => send(ada, { mentions: ['bob'] }))
  })

  it('refuses one of many at once without harm to the others', async () => {
    const outcomes = await Promise.allSettled([
      send(ada, { content: '1' }),
      send(eve),
      send(bob, { content: '2' }),
      send(ada, { mentions: ['eve'] }),
      send(ada, { content: '3' }),
    ])
    expect(outcomes.map(({ status }) => status[0]).join('')).toBe('frfrf')
    expect((await world.story(ada, conversationId)).slice(1)).toEqual([
      'MessageSent 2',
      'MessageSent 3',
      'MessageSent 4',
    ])
  })

  describe('content', () => {
    it('has 1 to 10,000 code points', async () => {
      for (const character of ['x', 'é', '漢', '😀']) {
        const longest = character.repeat(10_000)
        const { thing } = await send(ada, { content: longest })
        expect((await stored(thing.id))?.content === longest).toBe(true)
        const longer = () => send(ada, { content: longest + character })
        await world.refuses(ada, ['TOO_LONG', 'content'], longer)
      }
      for (const content of ['', ' ', '\n\t\u00a0\u3000']) {
        await world.refuses(ada, ['INVALID', 'content'], () => send(ada, { content }))
      }
    })

    it('refuses NUL and lone surrogates', async () => {
      for (const content of ['\0', 'a\0b', '\ud83d', 'a\ude00b', '\ude00\ud83d']) {
        await world.refuses(ada, ['INVALID', 'content'], () => send(ada, { content }))
      }
    })

    it('keeps every other text as it is', async () => {
      const awkward = [
        '\u202eevil\u202c \u2066x\u2069 \u200f\u200e\u061c',
        '\ufeffbom \u2028 \u2029 \u0085 \u001b[31m \u007f \b',
        'e\u0301 é \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \uffff \u{10ffff}',
        '\\u0000 \\ud800 \\ "quoted" \'; DROP TABLE message; -- $1 {a,NULL} %s',
        ' kept space \r\n',
      ]
      for (const content of awkward) {
        const { thing } = await send(ada, { content })
        expect((await stored(thing.id))?.content).toBe(content)
      }
    })

    it('and metadata, whatever they are, are stored as accepted or refused for a reason', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), fc.jsonValue(), async (content, metadata) => {
          const outcome = await send(ada, { content, metadata: metadata as Json }).catch((error: unknown) => error)
          if (outcome instanceof Error) {
            expect(outcome).toMatchObject({ name: 'Refusal', code: 'INVALID' })
            return
          }
          const [last] = (await world.events(ada, conversationId)).slice(-1)
          const kept = await stored(last?.refs.messageId ?? '')
          expect(kept?.content).toBe(content)
          expect(JSON.stringify(kept?.metadata)).toBe(JSON.stringify(metadata))
        }),
        { numRuns: 100 },
      )
    })
  })

  describe('metadata', () => {
    it('has at most 8 KB as JSON in UTF-8', async () => {
      const fitting: readonly Json[] = ['x'.repeat(8_190), 'é'.repeat(4_095), { k: 'x'.repeat(8_184) }]
      for (const metadata of fitting) {
        const { thing } = await send(ada, { metadata })
        expect((await stored(thing.id))?.metadata).toEqual(metadata)
      }
      for (const metadata of ['x'.repeat(8_191), `${'é'.repeat(4_095)}x`, { k: 'x'.repeat(8_185) }]) {
        await world.refuses(ada, ['TOO_LONG', 'metadata'], () => send(ada, { metadata }))
      }
    })

    it('has at most 32 levels', async () => {
      const nested = (depth: number): Json => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
      const { thing } = await send(ada, { metadata: nested(32) })
      expect((await stored(thing.id))?.metadata).toEqual(nested(32))
      for (const depth of [33, 5_000]) {
        await world.refuses(ada, ['INVALID', 'metadata'], () => send(ada, { metadata: nested(depth) }))
      }
    })

    it('may be any JSON, and is none when null', async () => {
      const values: readonly Json[] = [0, false, '', 'null', [], {}, [null], { constructor: 1 }, 1e21, 0.1]
      for (const metadata of values) {
        const { thing } = await send(ada, { metadata })
        expect((await stored(thing.id))?.metadata).toEqual(metadata)
      }
      expect((await send(ada, { metadata: null })).thing.metadata).toBeNull()
    })
  })
})
