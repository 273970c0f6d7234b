import { randomUUID } from 'node:crypto'

/** What every peer's application is: rooms in memory, and messages that nobody keeps. */

export interface Message {
  readonly id: string
  readonly seq: number
  readonly sender: { readonly id: string; readonly name: string }
  readonly content: string
  readonly createdAt: string
}

const seqs = new Map<string, number>()

export function createMessage(room: string, sender: string, content: string): Message {
  const seq = (seqs.get(room) ?? 0) + 1
  seqs.set(room, seq)
  return { id: randomUUID(), seq, sender: { id: sender, name: sender }, content, createdAt: new Date().toISOString() }
}

/** The schema of the peers that speak GraphQL. */
export const TYPE_DEFS = /* GraphQL */ `
  type Query {
    hello: String
  }
  type User {
    id: ID!
    name: String
  }
  type Message {
    id: ID!
    seq: Int!
    sender: User!
    content: String!
    createdAt: String!
  }
  type Mutation {
    sendMessage(room: ID!, content: String!, key: String!): Message!
  }
  type Subscription {
    messageSent(room: ID!): Message!
  }
`

export interface RoomArguments {
  readonly room: string
}

export interface SendArguments extends RoomArguments {
  readonly content: string
  readonly key: string
}

export const topicOf = (room: string) => `MESSAGE_SENT_${room}`

/** Where the benchmark wants it to listen. */
export const PORT = Number(process.env['PORT'])
export const HOST = '127.0.0.1'

/** Who is at the other end, by what the client said when it connected. */
export function userOf(greeting: Readonly<Record<string, unknown>> | undefined): string {
  const user = greeting?.['user']
  return typeof user === 'string' ? user : 'nobody'
}
