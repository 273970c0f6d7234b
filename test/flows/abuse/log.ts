import type { Person } from '../../support/server.ts'

/** A message, and its number in its conversation. */
export interface Said {
  readonly seq: number
  readonly content: string
}

/** What a stream or the log says of an event. */
export interface Told {
  readonly __typename: string
  readonly seq?: number
  readonly message?: { readonly content: string }
}

/** The messages of the log after a position, as `events` says them. */
export async function readLog(person: Person, start: string): Promise<readonly Said[]> {
  const query = /* GraphQL */ `
    query Log($after: Position!) {
      events(after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { __typename ... on ConversationEvent { seq } ... on MessageSent { message { content } } }
      }
    }
  `
  interface Page {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
    readonly nodes: readonly Told[]
  }
  const log: Said[] = []
  for (let after = start, more = true; more; ) {
    const { data, errors } = await person.ask(query, { after })
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    const page = data?.['events'] as Page
    log.push(...page.nodes.flatMap(saidIn))
    after = page.pageInfo.endCursor
    more = page.pageInfo.hasNextPage
  }
  return log
}

export function saidIn({ seq, message }: Told): readonly Said[] {
  return seq === undefined || message === undefined ? [] : [{ seq, content: message.content }]
}

export function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('There is none.')
  return value
}
