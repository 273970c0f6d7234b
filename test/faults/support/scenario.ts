import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { type Actor, createActor, insist } from './actor.ts'
import type { Channel } from './channel.ts'
import { anyDeed, type Deed, type Made, type Outcome, perform } from './deeds.ts'
import { createDevice, type Device } from './device.ts'
import { fetchState } from './fetched.ts'
import { createReceiptWatch, type ReceiptWatch } from './receipts.ts'
import type { FragileServer } from './served.ts'
import { anyFault, type Fault, pause, strike } from './weather.ts'

/** What happens in one tenant: each user's deeds, one after the other, all users at once, while faults strike. */
export interface Plot {
  readonly deeds: readonly (readonly Deed[])[]
  readonly faults: readonly Fault[]
}

export const USERS = ['ada', 'bob', 'cyd', 'dan', 'eve']
const CHANNELS: readonly Channel[] = ['WebSocket', 'SSE']

/** `length`: deeds of each user. */
export function anyPlot(length: number): fc.Arbitrary<Plot> {
  const deeds = fc.array(anyDeed, { minLength: length, maxLength: length })
  return fc.record({
    deeds: fc.tuple(...USERS.map(() => deeds)),
    faults: fc.array(anyFault, { minLength: length / 2, maxLength: length }),
  })
}

/** A tenant in which a plot was played: all is done, and every device has been told all of it. */
export interface Played {
  readonly tenantId: string
  readonly devices: readonly Device[]
  readonly receipts: readonly ReceiptWatch[]
  readonly outcomes: readonly Outcome[]
  readonly made: Made
  close(): void
}

const CREATE = /* GraphQL */ `
  mutation Create($input: CreateConversationInput!) {
    createConversation(input: $input) { conversation { id } userErrors { code } }
  }
`

/** `foreign`: conversations and messages of another tenant, which are tried too, in vain. */
export async function play(server: FragileServer, tenantId: string, plot: Plot): Promise<Played> {
  const actors = await Promise.all(USERS.map(id => createActor(tenantId, id, server.url)))
  for (const actor of actors) await insist(() => actor.ask('{ viewer { tenantId } }'))
  const start = (await fetchState(first(actors))).position
  const made: Made = { users: USERS, conversations: [], messages: [] }
  const devices: Device[] = []
  const receipts: ReceiptWatch[] = []
  const at = { url: server.throughNetwork, position: start }
  for (const viewer of actors) for (const channel of CHANNELS) devices.push(createDevice({ ...at, viewer, channel }))
  for (const kind of ['PUBLIC', 'GROUP']) made.conversations.push(await create(first(actors), kind, USERS.slice(1)))
  for (const [nth, conversationId] of made.conversations.entries()) {
    for (const viewer of actors) {
      const channel = CHANNELS[nth % CHANNELS.length] ?? 'SSE'
      devices.push(createDevice({ ...at, viewer, channel, conversationId }))
      receipts.push(createReceiptWatch({ url: at.url, viewer, channel, conversationId }))
    }
  }

  const outcomes: Outcome[] = []
  let goesOn = true
  const faults = strikeAll()
  await Promise.all(actors.map((actor, nth) => actOut(actor, plot.deeds[nth] ?? [])))
  goesOn = false
  await faults
  await settle()
  return {
    tenantId,
    devices,
    receipts,
    outcomes,
    made,
    close() {
      for (const each of [...devices, ...receipts]) each.close()
    },
  }

  async function actOut(actor: Actor, deeds: readonly Deed[]) {
    for (const deed of deeds) {
      await pause(deed.waitMs)
      outcomes.push(await performed(actor, deed))
    }
  }

  /** A client that hears no answer tries again. */
  async function performed(actor: Actor, deed: Deed): Promise<Outcome> {
    for (;;) {
      const outcome = await perform(actor, deed, made)
      if (outcome !== 'unknown') return outcome
      outcomes.push(outcome)
      await pause(50)
    }
  }

  async function strikeAll() {
    for (let nth = 0; goesOn; nth++) {
      const fault = plot.faults[nth % plot.faults.length]
      if (fault === undefined) return
      const device = devices[fault.which % devices.length]
      const viewer = actors[fault.which % actors.length]
      if (fault.what === 'away') await device?.away(fault.ms * 3)
      else if (fault.what.startsWith('born') && viewer !== undefined) await bear(viewer, fault)
      else await strike(server, fault)
      await pause(fault.ms)
    }
  }

  /** One more device, that fetches the state and goes on from there; or one that knows nothing and is told all from the beginning. */
  async function bear(viewer: Actor, { what, which }: Fault) {
    if (devices.length >= 40) return
    const channel = CHANNELS[which % CHANNELS.length] ?? 'SSE'
    const { state, position } = what === 'born' ? await fetchState(viewer) : { state: new Map(), position: start }
    devices.push(createDevice({ url: server.throughNetwork, viewer, channel, state, position }))
  }

  /** Each inbox hears, live or not, of a last conversation with everyone in it; a conversation's stream is opened anew and says that it has caught up. */
  async function settle() {
    server.network.up()
    server.network.flow()
    server.network.delay(0)
    const inboxes = devices.filter(({ conversationId }) => conversationId === undefined)
    const told = inboxes.map(device => device.hears(({ conversation }) => conversation?.title === 'the end'))
    await create(first(actors), 'GROUP', USERS.slice(1), 'the end')
    await Promise.all(told)
    await Promise.all(devices.filter(device => !inboxes.includes(device)).map(device => device.comeBack()))
  }
}

async function create(actor: Actor, kind: string, memberIds: readonly string[], title = 'a title'): Promise<string> {
  type Answer = { readonly createConversation: { readonly conversation: { readonly id: string } } }
  const input = { kind, memberIds, title, idempotencyKey: randomUUID() }
  const answer = await insist(() => actor.ask<Answer>(CREATE, { input }))
  return answer.createConversation.conversation.id
}

function first<Value>([value]: readonly Value[]): Value {
  if (value === undefined) throw new Error('There is none.')
  return value
}
