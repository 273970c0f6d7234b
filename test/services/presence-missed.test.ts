import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createMemoryPresence } from '../../src/presence/memory.ts'
import { createPresenceService } from '../../src/services/presence.ts'
import { listening, newTenant, openWorld } from '../support/ephemeral-world.ts'

type Service = ReturnType<typeof createPresenceService>

describe('presence when changes were lost between the nodes', () => {
  let world: Awaited<ReturnType<typeof openWorld>>
  let ada: Viewer
  let eve: Viewer
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const viewer = await newTenant(world, 'ada', 'bob', 'cyd', 'eve')
    ;[ada, eve] = [viewer('ada'), viewer('eve')]
  })

  async function listen(viewer: Viewer, of: Parameters<Service['open']>[1], service: Service) {
    const live = listening(viewer)
    await service.open(viewer, of, live)
    return live
  }

  /** A node that hears of no change, on a registry of its own, until it is told that it may have missed some. */
  function deafNode() {
    const heard: (() => void)[] = []
    const doubts: (() => void)[] = []
    const own = createMemoryPresence({ clock: world.clock })
    let deaf = true
    const bus: Bus = {
      ...world.bus,
      publish: (channel, message) => deaf || world.bus.publish(channel, message),
      onBack(task) {
        heard.push(task)
        return () => heard.splice(heard.indexOf(task), 1)
      },
    }
    const presence = { ...own, onDoubt: (listener: () => void) => doubts.push(listener) }
    const service = createPresenceService({ ...world, bus, presence, streams: world.node() })
    return {
      own,
      service,
      hear: () => {
        deaf = false
      },
      back() {
        for (const task of heard) task()
      },
      doubt() {
        for (const listener of doubts) listener()
      },
      async close() {
        await Promise.all([service.close(), own.close()])
        expect(heard).toEqual([])
      },
    }
  }
  const goOnline = ({ own }: ReturnType<typeof deafNode>, userId: string) => own.connect(ada.tenantId, userId, userId)

  it('shows what was missed once all nodes are back, and nothing twice', async () => {
    const node = deafNode()
    const live = await listen(ada, { userIds: ['bob', 'cyd'] }, node.service)
    const tenant = await listen(ada, {}, node.service)
    await live.sees([{ userId: 'bob' }, { userId: 'cyd' }])
    goOnline(node, 'bob')
    node.back()
    node.back()
    world.clock.advance(15_000)
    const missed = { userId: 'bob', status: 'ONLINE' }
    await live.sees([{ userId: 'bob' }, { userId: 'cyd' }, missed])
    await expect.poll(() => tenant.items.at(-1)).toMatchObject(missed)
    node.hear()
    goOnline(node, 'cyd')
    await live.sees([{ userId: 'bob' }, { userId: 'cyd' }, missed, { userId: 'cyd', status: 'ONLINE' }])
    node.doubt()
    node.own.disconnect(ada.tenantId, 'bob', 'bob', true)
    const left = { userId: 'bob', status: 'OFFLINE' }
    await live.sees([{ userId: 'bob' }, { userId: 'cyd' }, missed, { userId: 'cyd', status: 'ONLINE' }, left])
    expect(tenant.items).toHaveLength(4 + 3)
    await node.close()
  })

  it('shows it at once when the registry doubts', async () => {
    const node = deafNode()
    const live = await listen(ada, { userIds: ['bob'] }, node.service)
    goOnline(node, 'bob')
    node.doubt()
    await live.sees([{ status: 'OFFLINE' }, { status: 'ONLINE' }])
    await node.close()
  })

  it('does not trust what one watcher saw first for another', async () => {
    const node = deafNode()
    const live = await listen(ada, { userIds: ['bob'] }, node.service)
    goOnline(node, 'bob')
    const later = await listen(eve, { userIds: ['bob'] }, node.service)
    await later.sees([{ status: 'ONLINE' }])
    node.doubt()
    await live.sees([{ status: 'OFFLINE' }, { status: 'ONLINE' }])
    await node.close()
  })
})
