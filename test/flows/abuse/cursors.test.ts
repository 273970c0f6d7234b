import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Attempt, openScene, type Scene } from './scene.ts'
import { askBy, canSay, codesOf, WAYS } from './ways.ts'

let scene: Scene
let attempt: Attempt
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())
beforeEach(async () => {
  attempt = await scene.begin()
})

const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const RUBBISH = [
  ...['rubbish', '', '\u0000', "' OR 1=1 --", '%00', 'x'.repeat(5_000)],
  ...[null, {}, [], [null], [{}], [[1]], [1.5], ['x', 'y', 'z', 1]].map(cursor),
]
/** Some list may have such keys: then it is a place like any other. */
const FORGED = [
  ...[[1], [-1], [0], [Number.MAX_SAFE_INTEGER], ['x'], [''], ['\u0000'], ['\ud800'], ["'; DROP TABLE message"]],
  ...[
    [1, 'x'],
    [-1, '\u0000'],
    [Number.MAX_SAFE_INTEGER, '\u0000'],
    [1, 2],
    ['x', 1],
    ['\u0000', '\u0000'],
  ],
].map(cursor)
const LISTS = [
  'query List($after: String) { conversations(after: $after) { nodes { id } } }',
  'query List($after: String) { publicConversations(after: $after) { nodes { id } } }',
  'query List($after: String, $id: ID!) { conversation(id: $id) { messages(first: 1, after: $after) { nodes { id } } } }',
  'query List($after: String, $id: ID!) { conversation(id: $id) { messages(last: 1, before: $after) { nodes { id } } } }',
  'query List($after: String, $id: ID!) { conversation(id: $id) { members(after: $after) { nodes { joinedAt } } } }',
  'query List($after: String, $id: ID!) { conversation(id: $id) { lastMessage { receipts(after: $after) { nodes { readAt } } } } }',
]

test.each(LISTS)('%s says what is no cursor, and never fails', async query => {
  for (const after of RUBBISH) {
    const asked = { query, variables: query.includes('$id') ? { after, id: scene.group } : { after } }
    const answer = await attempt.line.ask(asked)
    expect(codesOf(answer), JSON.stringify([after, Buffer.from(after, 'base64url').toString()])).toEqual([
      'BAD_USER_INPUT',
    ])
  }
  for (const after of FORGED) {
    const answer = await attempt.line.ask({
      query,
      variables: query.includes('$id') ? { after, id: scene.group } : { after },
    })
    const place = Buffer.from(after, 'base64url').toString()
    expect(['', 'BAD_USER_INPUT'], `${place}: ${JSON.stringify(answer)}`).toContain(codesOf(answer).join())
  }
  for (const way of WAYS.filter(each => each !== 'WebSocket')) {
    const answer = await askBy(
      way,
      scene.server,
      scene.alice,
      attempt.line,
    )({ query, variables: { after: 'rubbish', id: scene.group } })
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT'])
  }
  await attempt.expectUnharmed()
})

const POSITIONS = [
  'query Log($after: Position!) { events(after: $after) { nodes { __typename } } }',
  'subscription Log($after: Position!) { inbox(after: $after) { __typename } }',
  'subscription Log($after: Position!, $id: ID!) { conversationEvents(conversationId: $id, after: $after) { __typename } }',
]
test.each(POSITIONS)('%s takes no rubbish for a position', async query => {
  for (const after of [...RUBBISH, 0, -1, {}, [], true]) {
    const asked = { query, variables: query.includes('$id') ? { after, id: scene.group } : { after } }
    for (const way of WAYS.filter(each => canSay(each, asked))) {
      const answer = await askBy(way, scene.server, scene.alice, attempt.line)(asked)
      expect(codesOf(answer), JSON.stringify(after)).toEqual(['BAD_USER_INPUT'])
      expect(answer).not.toHaveProperty('data')
    }
  }
  await attempt.expectUnharmed()
})

test.each(['rubbish', {}, 1, ['x']])('resumeAfter %j is no position', async resumeAfter => {
  const asked = { query: 'subscription { inbox { __typename } }', extensions: { resumeAfter } }
  for (const way of WAYS) {
    expect(codesOf(await askBy(way, scene.server, scene.alice, attempt.line)(asked))).toEqual(['BAD_USER_INPUT'])
  }
  await attempt.expectUnharmed()
})
