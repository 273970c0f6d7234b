import { createClient } from 'graphql-ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { mintToken } from '../../src/auth/mint-token.ts'
import { decodeCursor } from '../../src/domain/position.ts'
import { type Served, serve, stopped } from '../cli/command.ts'
import { pgliteDirectory, postgresDatabase } from '../support/database.ts'
import { listen } from '../support/listening.ts'
import type { Answer } from '../support/server.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const SENDERS = Array.from({ length: 16 }, (_, index) => `sender-${index}`)
/** Acknowledgements after which the server is killed, while all the senders go on. */
const KILL_AFTER = 200

/** What a client knows of a send: what it was told, or nothing. */
interface Send {
  readonly sender: string
  readonly key: string
  readonly acknowledged?: Acknowledged
}

interface Acknowledged {
  readonly id: string
  readonly seq: number
  readonly position: number
}

interface LogEntry {
  readonly position: string
  /** Absent where the log says nothing but that it ends here. */
  readonly seq?: number
  readonly message?: { readonly id: string; readonly clientMessageId: string; readonly sender: { readonly id: string } }
}

async function databaseOf(kind: 'PGlite' | 'Postgres'): Promise<Record<string, string>> {
  const place = kind === 'PGlite' ? await pgliteDirectory() : await postgresDatabase()
  onTestFinished(() => place.close())
  return 'url' in place ? { DATABASE_URL: place.url } : { DATA_DIR: place.path }
}

async function authorizationOf(userId: string): Promise<string> {
  const rest = { tenantId: 'acme', tenantClaim: 'org_id', ttlSeconds: 3600, now: Date.now() }
  return `Bearer ${await mintToken({ secret: SECRET, userId, ...rest })}`
}

async function ask<Data>({ url }: Served, userId: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: await authorizationOf(userId), 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors }: Answer = await response.json()
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data as Data
}

async function createRoom(server: Served): Promise<string> {
  for (const userId of ['reader', ...SENDERS]) await ask(server, userId, '{ viewer { tenantId } }')
  const query = /* GraphQL */ `
    mutation Create($memberIds: [ID!]) {
      createConversation(input: { kind: GROUP, memberIds: $memberIds }) { conversation { id } userErrors { code } }
    }
  `
  type Made = { readonly createConversation: { readonly conversation: { readonly id: string } } }
  return (await ask<Made>(server, 'reader', query, { memberIds: SENDERS })).createConversation.conversation.id
}

async function send(server: Served, room: string, sender: string, key: string): Promise<Acknowledged> {
  const query = /* GraphQL */ `
    mutation Send($input: SendMessageInput!) {
      sendMessage(input: $input) { message { id seq } position userErrors { code } }
    }
  `
  type Sent = {
    readonly sendMessage: { readonly message: { readonly id: string; readonly seq: number }; readonly position: string }
  }
  const input = { conversationId: room, content: `this is ${key}`, clientMessageId: key }
  const { message, position } = (await ask<Sent>(server, sender, query, { input })).sendMessage
  return { ...message, position: placeOf(position) }
}

function placeOf(cursor: string): number {
  return decodeCursor(cursor)?.position ?? Number.NaN
}

/** All of them send one after the other, until the server is killed: the last send of each is one without an answer. */
async function sendUntilKilled(server: Served, room: string): Promise<readonly Send[]> {
  const sends: Send[] = []
  let acknowledged = 0
  await Promise.all(
    SENDERS.map(async sender => {
      for (let number = 0; ; number++) {
        const key = `${sender}-${number}`
        const answer = await send(server, room, sender, key).catch(() => undefined)
        sends.push({ sender, key, ...(answer && { acknowledged: answer }) })
        if (answer === undefined) return
        acknowledged += 1
        if (acknowledged === KILL_AFTER) server.signal('SIGKILL')
      }
    }),
  )
  return sends
}

/** The whole log, as its reader may see it. */
async function readLog(server: Served, start: string): Promise<readonly LogEntry[]> {
  const query = /* GraphQL */ `
    query Log($after: Position!) {
      events(after: $after) {
        pageInfo { hasNextPage }
        nodes {
          position
          ... on ConversationEvent { seq }
          ... on MessageSent { message { id clientMessageId sender { id } } }
        }
      }
    }
  `
  type Page = {
    readonly events: { readonly pageInfo: { readonly hasNextPage: boolean }; readonly nodes: readonly LogEntry[] }
  }
  const log: LogEntry[] = []
  for (let after = start, more = true; more; after = log.at(-1)?.position ?? start) {
    const { events } = await ask<Page>(server, 'reader', query, { after })
    log.push(...events.nodes)
    more = events.pageInfo.hasNextPage
  }
  return log.filter(({ seq }) => seq !== undefined)
}

/** Acknowledged messages that the log does not have, has more than once, and has in another place than was said. */
function figures(sends: readonly Send[], log: readonly LogEntry[]) {
  const of = (id: string) => log.filter(entry => entry.message?.id === id)
  const acknowledged = sends.flatMap(each => each.acknowledged ?? [])
  const moved = acknowledged.filter(({ id, seq, position }) =>
    of(id).some(entry => entry.seq !== seq || placeOf(entry.position) !== position),
  )
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ id }) => of(id).length === 0).length,
    doubled: acknowledged.filter(({ id }) => of(id).length > 1).length,
    outOfOrder: moved.length,
  }
}

const INBOX = 'subscription { inbox { __typename position ... on MessageSent { message { id } } } }'

interface Inbox {
  readonly inbox: { readonly __typename: string; readonly position: string; readonly message?: { readonly id: string } }
}

/** Listens as the reader does, from where it was. */
async function listenFrom({ url }: Served, resumeAfter: string) {
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf('reader') },
    retryAttempts: 0,
  })
  onTestFinished(() => client.dispose())
  return listen<Inbox>(client, INBOX, { extensions: { resumeAfter } })
}

function messagesOf({ results }: Awaited<ReturnType<typeof listenFrom>>): readonly string[] {
  return results.flatMap(({ data }) => data.inbox.message?.id ?? [])
}

describe.each(['PGlite', 'Postgres'] as const)('kill -9 in the middle of concurrent sends, on %s', kind => {
  test('every acknowledged message is there once and in its place, and a retry of every other makes one', async () => {
    const env = { JWT_SECRET: SECRET, RATE_LIMITS: 'off', ...(await databaseOf(kind)) }
    const first = await serve(env)
    const { viewer } = await ask<{ viewer: { position: string } }>(first, 'reader', '{ viewer { position } }')
    const room = await createRoom(first)
    const before = await listenFrom(first, viewer.position)
    await before.first(({ inbox }) => inbox.__typename === 'CaughtUp')
    const sends = await sendUntilKilled(first, room)
    expect(await first.ended).toBe('SIGKILL')
    await before.ended

    const second = await serve(env)
    const found = figures(sends, await readLog(second, viewer.position))
    const { acknowledged, lost, doubled, outOfOrder } = found
    process.stdout.write(
      `kill -9 on ${kind}: ${acknowledged} acknowledged, lost/doubled/out of order ${lost}/${doubled}/${outOfOrder}\n`,
    )
    expect(found).toEqual({ acknowledged: expect.any(Number), lost: 0, doubled: 0, outOfOrder: 0 })
    expect(acknowledged).toBeGreaterThanOrEqual(KILL_AFTER)

    const unanswered = sends.filter(each => each.acknowledged === undefined)
    expect(unanswered.length).toBe(SENDERS.length)
    const retries = await Promise.all(
      unanswered.flatMap(({ sender, key }) => [1, 2, 3].map(() => send(second, room, sender, key))),
    )
    expect(new Set(retries.map(({ id }) => id)).size).toBe(unanswered.length)

    const log = await readLog(second, viewer.position)
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
    expect(log.map(({ position }) => placeOf(position))).toEqual(log.map((_, index) => index + 1))
    const messages = log.flatMap(({ message }) => message ?? [])
    const keys = messages.map(({ clientMessageId }) => clientMessageId)
    expect(keys.toSorted()).toEqual(sends.map(({ key }) => key).toSorted())
    for (const sender of SENDERS) {
      const own = keys.filter(key => key.startsWith(`${sender}-`))
      expect(own).toEqual(own.map((_, index) => `${sender}-${index}`))
    }

    const resumeAfter = before.results.at(-1)?.data.inbox.position ?? viewer.position
    const after = await listenFrom(second, resumeAfter)
    await after.first(({ inbox }) => inbox.__typename === 'CaughtUp')
    expect([...messagesOf(before), ...messagesOf(after)]).toEqual(messages.map(({ id }) => id))
    await stopped(second)
  })
})
