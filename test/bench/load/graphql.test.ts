import { expect, test } from 'vitest'
import type { Part } from '../../../bench/src/load/dialect.ts'
import { graphqlSpeech } from '../../../bench/src/load/dialects/graphql.ts'

/** What a publisher makes of these frames. */
function heard(...frames: readonly string[]): readonly string[] {
  const told: string[] = []
  const part: Part = {
    client: { send: text => told.push(`says ${text}`), destroy() {} },
    seat: { room: 0, greeting: {} },
    room: 'room',
    onReady: () => told.push('ready'),
    onCaughtUp: () => told.push('caught up'),
    onAcknowledged: () => told.push('acknowledged'),
    onFail: () => told.push('failed'),
  }
  const publisher = graphqlSpeech({ type: 'graphql', path: '/', subscription: '', mutation: '' }).publisher(part)
  for (const frame of frames) publisher.text(frame)
  return told
}

test('an answer is one, wherever the server puts its id', () => {
  const payload = '{"data":{"sendMessage":{"message":{"id":"\\"type\\":\\"error\\""},"userErrors":[]}}}'
  const frames = [
    `{"id":"1","type":"next","payload":${payload}}`,
    `{"type":"next","id":"1","payload":${payload}}`,
    `{"type":"next","payload":${payload},"id":"1"}`,
  ]
  for (const frame of frames) expect(heard(frame, '{"id":"1","type":"complete"}')).toEqual(['acknowledged'])
})

test('a refusal is never taken for an answer', () => {
  expect(heard('{"id":"1","type":"error","payload":[{"message":"no"}]}')).toEqual(['failed'])
  expect(heard('{"id":"1","type":"next","payload":{"errors":[{"message":"no"}]}}')).toEqual(['failed'])
  const refused = '{"data":{"sendMessage":{"message":null,"userErrors":[{"code":"NOT_FOUND"}]}}}'
  expect(heard(`{"id":"1","type":"next","payload":${refused}}`)).toEqual(['failed'])
  expect(heard('no protocol')).toEqual(['failed'])
})

test('a connection that stands is ready, and one that is asked answers', () => {
  expect(heard('{"type":"connection_ack"}', '{"type":"ping"}')).toEqual(['ready', 'says {"type":"pong"}'])
})
