import { colloquy, type EnteredColloquy } from '../contestants/colloquy.ts'
import { FILLING_USERS } from '../contestants/fill.ts'
import { below, type Result } from '../report/result.ts'
import { enoughRounds } from '../settings.ts'
import { quantile } from '../statistics.ts'
import type { Workload } from './workload.ts'

const REQUESTS = 100
const WANTED_MS = 20

const LIST = `{ conversations(first: 50) {
  nodes { id title unreadCount lastMessage { id content createdAt sender { id name } } } pageInfo { endCursor }
} }`
const HISTORY = `query ($id: ID!) { conversation(id: $id) {
  messages(last: 50) { nodes { id seq content createdAt sender { id name } } pageInfo { startCursor } }
} }`

/** W9: what a client shows first, where there is much to choose from. */
export const readingPages: Workload = {
  ids: ['W9'],
  async measure({ ground, settings, progress }) {
    const conversations = settings.quick ? 5_000 : 100_000
    const filling = { conversations, messagesEach: 10 }
    progress.say(`W9: fills ${conversations} conversations`)
    const entered = await colloquy.enter({ rooms: 1, subscribersPerRoom: 0, publishers: 0, filling }, ground)
    const lists: number[] = []
    const pages: number[] = []
    try {
      const isEnough = enoughRounds(settings)
      for (let round = -1; !isEnough(round); round++) {
        progress.say(`W9: round ${round + 1}`)
        const times = await read(entered)
        if (round < 0) continue
        lists.push(quantile(times.lists, 0.95))
        pages.push(quantile(times.pages, 0.95))
      }
    } finally {
      await entered.leave()
    }
    const among = `among ${conversations.toLocaleString('en')} conversations of ${(conversations * 10).toLocaleString('en')} messages`
    return [
      result(`50 conversations with last message and unread count, ${among}: 95th percentile`, lists),
      result(`A page of history, ${among}: 95th percentile`, pages),
    ]
  },
}

/** One request after another, each by another user, over one connection: the list, then the history of its first conversation. */
async function read({ server, tokenOf }: EnteredColloquy) {
  const lists: number[] = []
  const pages: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    const authorization = `Bearer ${await tokenOf(`filler-${(n * 37) % FILLING_USERS}`)}`
    const list = await post(server.port, authorization, { query: LIST })
    lists.push(list.ms)
    const [id] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(list.text) ?? []
    const page = await post(server.port, authorization, { query: HISTORY, variables: { id } })
    pages.push(page.ms)
    if (!page.text.includes('"content":"xxx')) throw new Error(`No history came: ${list.text} ${page.text}`)
  }
  return { lists, pages }
}

async function post(port: number, authorization: string, body: object) {
  const began = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { text: await response.text(), ms: performance.now() - began }
}

function result(title: string, rounds: readonly number[]): Result {
  const ours = { name: colloquy.name, kind: 'ours', rounds } as const
  return {
    id: 'W9',
    title,
    unit: 'ms',
    better: 'less',
    figures: [ours],
    reaches: [below(ours, WANTED_MS, 'ms')],
    notes: [],
  }
}
