import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { openKnownSocket, subscribeFrame } from '../socket-fixture.ts'
import { startTransport } from '../transport-fixture.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

test('an open subscription holds nothing of the message that asked for it, and goes on', async () => {
  const fixture = await startTransport()
  const { engine } = fixture
  const { say, heard } = await openKnownSocket(fixture.wsUrl)
  const requests: WeakRef<object>[] = []
  const { admit } = engine
  engine.admit = request => {
    requests.push(new WeakRef(request))
    return admit(request)
  }
  say(subscribeFrame('1', 'subscription { ticks }'))
  await expect.poll(() => engine.feeds.length).toBe(1)
  await expect
    .poll(() => {
      collect()
      return requests.map(request => request.deref())
    })
    .toEqual([undefined])
  engine.feeds[0]?.sink.write({ json: '{"data":{"ticks":1}}', position: null })
  expect(await heard('next', '1')).toMatchObject({ payload: { data: { ticks: 1 } } })
  say({ id: '1', type: 'complete' })
  await expect.poll(() => engine.feeds[0]?.closed).toBe(true)
})
