import type { Duplex } from 'node:stream'
import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { openKnownSocket, subscribeFrame } from '../socket-fixture.ts'
import { startTransport } from '../transport-fixture.ts'

async function open(options: Parameters<typeof startTransport>[0] = {}) {
  const fixture = await startTransport(options)
  const socket = await openKnownSocket(fixture.wsUrl)
  const texts: string[] = []
  socket.socket.on('message', data => texts.push(data.toString()))
  const types = (id: string) => socket.frames.filter(frame => frame.id === id).map(frame => frame.type)
  return { ...fixture, ...socket, texts, types }
}

test('an answer is one result and its end, written as graphql-ws writes them', async () => {
  const { say, heard, texts } = await open()
  say(subscribeFrame('a"b\n☃', 'mutation { bump }'))
  await heard('complete', 'a"b\n☃')
  expect(texts).toEqual([
    '{"id":"a\\"b\\n☃","type":"next","payload":{"data":{"bump":1}}}',
    '{"id":"a\\"b\\n☃","type":"complete"}',
  ])
})

test('errors stand behind everything else of a result, wherever the engine puts them', async () => {
  const { say, heard, texts, engine } = await open()
  engine.execute = async () => ({
    errors: [new GraphQLError('Too often.', { path: ['limited'], extensions: { code: 'RATE_LIMITED' } })],
    data: { limited: null },
    extensions: { cost: 1 },
  })
  say(subscribeFrame('1', 'mutation { limited }'))
  await heard('complete', '1')
  expect(texts).toEqual([
    '{"id":"1","type":"next","payload":{"data":{"limited":null},"extensions":{"cost":1},' +
      '"errors":[{"message":"Too often.","path":["limited"],"extensions":{"code":"RATE_LIMITED"}}]}}',
    '{"id":"1","type":"complete"}',
  ])
})

test('a refused operation is told its errors and nothing else, and its id is free again', async () => {
  const { say, heard, texts } = await open()
  say(subscribeFrame('1', '{ nothing }'))
  await heard('error', '1')
  say(subscribeFrame('1', '{ hello }'))
  await heard('complete', '1')
  expect(texts).toEqual([
    '{"id":"1","type":"error","payload":[{"message":"Cannot query field \\"nothing\\" on type \\"Query\\".",' +
      '"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}',
    '{"id":"1","type":"next","payload":{"data":{"hello":"world"}}}',
    '{"id":"1","type":"complete"}',
  ])
})

test('an id that is left and used again in the same chunk is answered for its new operation', async () => {
  const { say, heard, types, socket, engine } = await open()
  // What is written while it is corked arrives in one piece.
  const stream = (socket as unknown as { readonly _socket: Duplex })._socket
  stream.cork()
  say(subscribeFrame('1', '{ nothing }'), { id: '1', type: 'complete' }, subscribeFrame('1', 'mutation { slowly }'))
  say({ type: 'ping' })
  stream.uncork()
  await heard('pong')
  engine.release()
  await heard('complete', '1')
  expect(types('1')).toEqual(['error', 'next', 'complete'])
})

test('an id is free again with the end of its operation', async () => {
  const { say, heard, types } = await open()
  for (const round of [1, 2, 3]) {
    say(subscribeFrame('1', 'mutation { bump }'))
    await expect.poll(() => types('1').length).toBe(2 * round)
  }
  say({ type: 'ping' })
  await heard('pong')
  expect(types('1')).toEqual(['next', 'complete', 'next', 'complete', 'next', 'complete'])
})

test('an id that is in use closes the socket with 4409', async () => {
  const { say, heard, closed, engine } = await open()
  say(subscribeFrame('1', '{ slow }'), subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  say(subscribeFrame('1', '{ hello }'))
  expect(await closed).toBe(4409)
  expect(engine.executed).toEqual(['hello'])
})

test('a mutation that its client completes runs to its end, and nothing more is said of it', async () => {
  const { say, heard, frames, engine } = await open()
  say(subscribeFrame('1', 'mutation { slowly }'), { id: '1', type: 'complete' }, { type: 'ping' })
  await heard('pong')
  engine.release()
  await expect.poll(() => engine.executed).toEqual(['slowly'])
  say(subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  expect(frames.filter(frame => frame.id === '1')).toEqual([])
})

test('a query under the id of one that was left is answered once, with its own result', async () => {
  const { say, heard, texts, engine } = await open()
  say(subscribeFrame('1', '{ slow }'), { id: '1', type: 'complete' }, subscribeFrame('1', '{ hello }'))
  await heard('complete', '1')
  say(subscribeFrame('1', 'mutation { slowly }'), { type: 'ping' })
  await heard('pong')
  engine.release()
  await expect.poll(() => texts.length).toBe(5)
  say({ type: 'ping' })
  await expect.poll(() => texts.length).toBe(6)
  expect(texts).toEqual([
    '{"id":"1","type":"next","payload":{"data":{"hello":"world"}}}',
    '{"id":"1","type":"complete"}',
    '{"type":"pong"}',
    '{"id":"1","type":"next","payload":{"data":{"slowly":1}}}',
    '{"id":"1","type":"complete"}',
    '{"type":"pong"}',
  ])
})

test('a mutation whose socket closes runs to its end', async () => {
  const { say, heard, socket, transport, engine, logged } = await open()
  say(subscribeFrame('1', 'mutation { slowly }'), subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  socket.terminate()
  await expect.poll(() => transport.sockets).toBe(0)
  engine.release()
  await expect.poll(() => engine.executed).toEqual(['hello', 'slowly'])
  expect(logged).toEqual([])
})

test('what an engine throws, and a result that is no JSON, are answered as errors', async () => {
  const { say, heard, texts, engine } = await open()
  const errors = '"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]'
  engine.execute = () => Promise.reject(new Error('SELECT secret FROM vault'))
  say(subscribeFrame('1', '{ hello }'))
  await heard('complete', '1')
  engine.execute = async () => ({ data: { hello: 1n } })
  say(subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  expect(texts).toEqual(
    ['1', '2'].flatMap(id => [
      `{"id":"${id}","type":"next","payload":{${errors}}}`,
      `{"id":"${id}","type":"complete"}`,
    ]),
  )
})

test('a socket is not read from while as many run as may, and is when one has ended', async () => {
  const fixture = await startTransport({ maxRunningPerSocket: 2 })
  const upgraded = new Promise<Duplex>(resolve => {
    fixture.transport.server.prependOnceListener('upgrade', (_request, stream) => resolve(stream))
  })
  const { say, heard } = await openKnownSocket(fixture.wsUrl)
  const stream = await upgraded
  say(subscribeFrame('1', '{ slow }'))
  say({ type: 'ping' })
  await heard('pong')
  expect(stream.isPaused()).toBe(false)
  say(subscribeFrame('2', '{ slow }'))
  await expect.poll(() => stream.isPaused()).toBe(true)
  say(subscribeFrame('3', '{ hello }'))
  fixture.engine.release()
  await heard('complete', '3')
  expect(stream.isPaused()).toBe(false)
  expect(fixture.engine.executed).toEqual(['slow', 'slow', 'hello'])
})

test('the answer of the last that runs is written before a socket that drains is closed', async () => {
  const { say, heard, texts, closed, transport, engine } = await open()
  say(subscribeFrame('1', 'mutation { slowly }'), subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  const closing = transport.close()
  engine.release()
  expect(await closed).toBe(1012)
  await closing
  expect(texts.slice(2)).toEqual([
    '{"id":"1","type":"next","payload":{"data":{"slowly":1}}}',
    '{"id":"1","type":"complete"}',
  ])
})
