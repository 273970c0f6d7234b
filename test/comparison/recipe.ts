/**
 * The recipe for GraphQL subscriptions over many nodes as its libraries' own pages give it: graphql-ws, graphql-redis-subscriptions on ioredis with the
 * `retryStrategy` shown there, and nothing else. A program of its own: PORT, REDIS_URL, and WAIT=yes to acknowledge only what Redis has taken.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { RedisPubSub } from 'graphql-redis-subscriptions'
import { useServer } from 'graphql-ws/use/ws'
import { Redis } from 'ioredis'
import { WebSocketServer } from 'ws'

const { PORT, REDIS_URL = '', WAIT } = process.env

function openRedis(): Redis {
  const redis = new Redis(REDIS_URL, { retryStrategy: times => Math.min(times * 50, 2_000) })
  // Without a listener each failed try is printed.
  return redis.on('error', () => undefined)
}

const pubsub = new RedisPubSub({ publisher: openRedis(), subscriber: openRedis() })

interface Input {
  readonly conversationId: string
  readonly content: string
  readonly clientMessageId: string
}

/** What both systems are asked is worded as Colloquy words it, so that the same clients can ask. */
const schema = makeExecutableSchema({
  typeDefs: /* GraphQL */ `
    type Query { ready: Boolean }
    type Mutation { sendMessage(input: SendMessageInput!): SendMessagePayload }
    type Subscription { conversationEvents(conversationId: ID!): MessageSent }
    input SendMessageInput { conversationId: ID!, content: String!, clientMessageId: String! }
    type SendMessagePayload { message: Message }
    type MessageSent { message: Message }
    type Message { id: ID!, conversationId: ID!, content: String, clientMessageId: String }
  `,
  resolvers: {
    Mutation: {
      async sendMessage(_: unknown, { input }: { readonly input: Input }) {
        const message = { id: randomUUID(), ...input }
        const published = pubsub.publish(topicOf(input.conversationId), { conversationEvents: { message } })
        if (WAIT === 'yes') await published
        else published.catch(() => undefined)
        return { message }
      },
    },
    Subscription: {
      conversationEvents: {
        subscribe: (_: unknown, { conversationId }: { readonly conversationId: string }) =>
          pubsub.asyncIterableIterator(topicOf(conversationId)),
      },
    },
  },
})

function topicOf(conversationId: string): string {
  return `MESSAGE_SENT.${conversationId}`
}

const server = createServer()
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }))
server.listen(Number(PORT), '127.0.0.1', () => process.stdout.write('listening\n'))
