import { expect, test } from 'vitest'
import { openKnownSocket, subscribeFrame } from '../socket-fixture.ts'
import { startTransport } from '../transport-fixture.ts'

const TICKS = 'subscription { ticks }'

test('a subscription that is left while it opens is closed once it is open, and nothing is said of it', async () => {
  const { wsUrl, engine } = await startTransport()
  const { say, heard, frames } = await openKnownSocket(wsUrl)
  say(subscribeFrame('1', 'subscription { late }'))
  await expect.poll(() => engine.feeds.length).toBe(1)
  say({ id: '1', type: 'complete' }, { type: 'ping' })
  await heard('pong')
  engine.feeds[0]?.sink.write({ json: '{"data":{"late":1}}', position: null })
  expect(engine.feeds[0]?.closed).toBe(false)
  engine.release()
  await expect.poll(() => engine.feeds[0]?.closed).toBe(true)
  say(subscribeFrame('1', '{ hello }'))
  await heard('complete', '1')
  expect(frames.map(frame => frame.type)).toEqual(['connection_ack', 'pong', 'next', 'complete'])
})

test('a subscription that opens as its socket closes is closed', async () => {
  const { wsUrl, engine, transport } = await startTransport()
  const { say, socket } = await openKnownSocket(wsUrl)
  say(subscribeFrame('1', 'subscription { late }'))
  await expect.poll(() => engine.feeds.length).toBe(1)
  socket.terminate()
  await expect.poll(() => transport.sockets).toBe(0)
  engine.release()
  await expect.poll(() => engine.feeds[0]?.closed).toBe(true)
})

test('however a subscription ends, the room it took is free again, once', async () => {
  const { wsUrl, engine } = await startTransport({ maxSubscriptionsPerSocket: 1 })
  const { say, heard, frames } = await openKnownSocket(wsUrl)
  const feed = async (nth: number) => {
    await expect.poll(() => engine.feeds.length).toBe(nth + 1)
    return engine.feeds[nth]
  }
  const onlyOneMore = async (id: string, nth: number) => {
    say(subscribeFrame(id, TICKS))
    const opened = await feed(nth)
    say(subscribeFrame(`${id} beside`, TICKS))
    expect((await heard('error', `${id} beside`)).payload).toMatchObject([
      { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
    ])
    return opened
  }
  say(subscribeFrame('refused', 'subscription { denied }'))
  await heard('error', 'refused')
  const ended = await onlyOneMore('ended', 0)
  ended?.sink.end()
  await heard('complete', 'ended')
  const left = await onlyOneMore('left', 1)
  say({ id: 'left', type: 'complete' })
  await expect.poll(() => left?.closed).toBe(true)
  say(subscribeFrame('late', 'subscription { late }'))
  const late = await feed(2)
  say({ id: 'late', type: 'complete' })
  engine.release()
  await expect.poll(() => late?.closed).toBe(true)
  await onlyOneMore('last', 3)
  expect(frames.filter(frame => frame.type === 'error')).toHaveLength(4)
})
