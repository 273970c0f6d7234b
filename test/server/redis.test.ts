import { expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { newId } from '../../src/domain/ids.ts'
import { createParts } from '../../src/server/parts.ts'
import { openRedis } from '../../src/server/redis.ts'
import { silent } from '../support/database.ts'
import { sharedRedis } from '../support/redis.ts'

function open(env: Readonly<Record<string, string>>) {
  const parts = createParts()
  onTestFinished(parts.close)
  const surroundings = { clock: systemClock, newId, logger: silent }
  return openRedis(readConfig({ REDIS_URL: sharedRedis(), ...env }), surroundings, parts)
}

test('two nodes share a bus and a bucket', async () => {
  const [one, two] = [open({}), open({})]
  await vi.waitUntil(() => one.bus.connected && two.bus.connected, 5000)
  const tenant = newId()
  const heard: string[] = []
  await two.bus.subscribe([tenant], message => heard.push(message))
  one.bus.publish([tenant], 'hello')
  await vi.waitFor(() => expect(heard).toEqual(['hello']))
  await one.limiter.take(tenant, 'alice', 'message:send')
  expect(await two.limiter.peek(tenant, 'alice', 'message:send')).toMatchObject({ remaining: 9 })
})

test('without limits, Redis is not asked', async () => {
  const { limiter } = open({ RATE_LIMITS: 'off' })
  expect(await limiter.take('acme', 'alice', 'message:send')).toMatchObject({ allowed: true, remaining: 2_147_483_647 })
})
