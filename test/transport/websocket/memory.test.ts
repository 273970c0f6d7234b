import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { EngineFixture } from '../engine-fixture.ts'
import { openKnownSocket, subscribeFrame } from '../socket-fixture.ts'
import { startTransport } from '../transport-fixture.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** References to all requests from now on, which hold none of them. */
function watchRequests(engine: EngineFixture): readonly WeakRef<object>[] {
  const requests: WeakRef<object>[] = []
  const { admit } = engine
  engine.admit = request => {
    requests.push(new WeakRef(request))
    return admit(request)
  }
  return requests
}

/** What a collection leaves of them. */
function left(references: readonly WeakRef<object>[]): readonly (object | undefined)[] {
  collect()
  return references.map(reference => reference.deref())
}

test('an open subscription holds nothing of the message that asked for it, and goes on', async () => {
  const fixture = await startTransport()
  const { engine } = fixture
  const { say, heard } = await openKnownSocket(fixture.wsUrl)
  const requests = watchRequests(engine)
  say(subscribeFrame('1', 'subscription { ticks }'))
  await expect.poll(() => engine.feeds.length).toBe(1)
  await expect.poll(() => left(requests)).toEqual([undefined])
  engine.feeds[0]?.sink.write({ json: '{"data":{"ticks":1}}', position: null })
  expect(await heard('next', '1')).toMatchObject({ payload: { data: { ticks: 1 } } })
  say({ id: '1', type: 'complete' })
  await expect.poll(() => engine.feeds[0]?.closed).toBe(true)
})

test('a mutation that runs holds nothing of the message that asked for it, and one that has ended nothing at all', async () => {
  const fixture = await startTransport()
  const { engine } = fixture
  const { say, heard } = await openKnownSocket(fixture.wsUrl)
  const requests = watchRequests(engine)
  const running: ((result: object) => void)[] = []
  // An engine that needs nothing of a request any more.
  engine.execute = () => new Promise(resolve => running.push(resolve))
  say(subscribeFrame('1', 'mutation { bump }'))
  await expect.poll(() => running.length).toBe(1)
  await expect.poll(() => left(requests)).toEqual([undefined])
  const results = answerAll(running)
  expect(await heard('next', '1')).toMatchObject({ payload: { data: { bump: 7 } } })
  await heard('complete', '1')
  await expect.poll(() => left(results)).toEqual([undefined])
})

function answerAll(running: ((result: object) => void)[]): readonly WeakRef<object>[] {
  return running.splice(0).map(resolve => {
    const result = { data: { bump: 7 } }
    resolve(result)
    return new WeakRef(result)
  })
}
