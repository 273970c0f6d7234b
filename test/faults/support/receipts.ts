import { type Actor, insist } from './actor.ts'
import { type Channel, type Ending, openChannel, type Result } from './channel.ts'

/** How far a member has come, with no time where it has not moved since it joined. */
export interface Progress {
  readonly userId: string
  readonly joinedAt: string
  readonly lastReadSeq: number | null
  readonly lastReadAt: string | null
  readonly lastDeliveredSeq: number | null
  readonly lastDeliveredAt: string | null
}

/** What readReceipts and deliveries have said to one device, which opens them again for ever. */
export interface ReceiptWatch {
  readonly viewer: Actor
  readonly conversationId: string
  readonly problems: readonly string[]
  /** What it knows of a member; of earlier memberships of that user it is silent. */
  of(member: Progress): Progress
  close(): void
}

export interface ReceiptWatchOptions {
  readonly viewer: Actor
  readonly channel: Channel
  readonly url: URL
  readonly conversationId: string
}

interface Advance {
  readonly user: { readonly id: string } | null
  readonly seq: number
  readonly at: string
  readonly status?: string
}

const READS = 'subscription Reads($id: ID!) { told: readReceipts(conversationId: $id) { user { id } seq at: readAt } }'
const DELIVERIES =
  'subscription Deliveries($id: ID!) { told: deliveries(conversationId: $id) { user { id } seq at status } }'
/** The viewer is no member, now or any more, or the server is away: it is tried again. */
const REFUSALS = ['ACCESS_REVOKED', 'NOT_FOUND', 'FORBIDDEN', 'UNAVAILABLE']
const PAUSE_MS = 120

export function createReceiptWatch({ viewer, channel, url, conversationId }: ReceiptWatchOptions): ReceiptWatch {
  const problems: string[] = []
  const reads = follow(READS)
  const deliveries = follow(DELIVERIES)

  /** The newest of each user, as the present connection has told it: each begins with the whole state. */
  function follow(query: string) {
    const newest = new Map<string, Advance>()
    let timer: NodeJS.Timeout | undefined
    let closed = false
    let leave = open()

    function open() {
      newest.clear()
      const request = { url, authorization: viewer.authorization, query, variables: { id: conversationId } }
      return openChannel(channel, request, { next, end })
    }

    function next({ data, errors }: Result) {
      const advance = data?.['told'] as Advance | undefined
      if (advance === undefined) problems.push(`a result with errors: ${JSON.stringify(errors)}`)
      const isProgress = advance?.status === undefined || advance.status === 'DELIVERED'
      if (advance?.user && isProgress) newest.set(advance.user.id, advance)
    }

    function end(ending: Ending) {
      if (ending.type === 'complete' || (ending.type === 'refused' && !REFUSALS.includes(ending.code))) {
        problems.push(`ended: ${JSON.stringify(ending)}`)
      }
      if (!closed) timer = setTimeout(() => (leave = open()), PAUSE_MS)
    }

    return {
      newest,
      close() {
        closed = true
        clearTimeout(timer)
        leave()
      },
    }
  }

  return {
    viewer,
    conversationId,
    problems,
    of({ userId, joinedAt }) {
      const since = (advance: Advance | undefined) =>
        advance !== undefined && advance.at >= joinedAt ? advance : { seq: null, at: null }
      const read = since(reads.newest.get(userId))
      const delivered = since(deliveries.newest.get(userId))
      return {
        userId,
        joinedAt,
        lastReadSeq: read.seq,
        lastReadAt: read.at,
        lastDeliveredSeq: delivered.seq,
        lastDeliveredAt: delivered.at,
      }
    },
    close() {
      reads.close()
      deliveries.close()
    },
  }
}

const MEMBERS = /* GraphQL */ `
  query Members($id: ID!) {
    conversation(id: $id) {
      members(first: 100) {
        nodes { user { id } joinedAt lastReadSeq lastReadAt lastDeliveredSeq lastDeliveredAt }
      }
    }
  }
`

type Shown = Omit<Progress, 'userId'> & { readonly user: { readonly id: string } }

/** The same, asked for anew. Undefined when the viewer is no member. */
export async function fetchReceipts(viewer: Actor, id: string): Promise<readonly Progress[] | undefined> {
  interface Answer {
    readonly conversation: { readonly members: { readonly nodes: readonly Shown[] } } | null
  }
  const { conversation } = await insist(() => viewer.ask<Answer>(MEMBERS, { id }))
  const nodes = conversation?.members.nodes ?? []
  if (!nodes.some(({ user }) => user.id === viewer.id)) return undefined
  // Who joined counts as having read what was before, at no time.
  return nodes.map(({ user, ...member }) => ({
    userId: user.id,
    ...member,
    lastReadSeq: member.lastReadAt === null ? null : member.lastReadSeq,
    lastDeliveredSeq: member.lastDeliveredAt === null ? null : member.lastDeliveredSeq,
  }))
}
