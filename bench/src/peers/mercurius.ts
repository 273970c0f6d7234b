import fastify from 'fastify'
import mercurius from 'mercurius'
import {
  createMessage,
  HOST,
  PORT,
  type RoomArguments,
  type SendArguments,
  TYPE_DEFS,
  topicOf,
  userOf,
} from './chat.ts'

/** Mercurius' documentation of subscriptions, with its compiler on and mutations over the socket. */
const app = fastify()
await app.register(mercurius, {
  schema: TYPE_DEFS,
  jit: 1,
  subscription: {
    fullWsTransport: true,
    onConnect: ({ payload }) => ({ user: userOf(payload) }),
  },
  resolvers: {
    Mutation: {
      async sendMessage(_: unknown, { room, content }: SendArguments, context) {
        const message = createMessage(room, userOf({ ...context }), content)
        await context.pubsub.publish({ topic: topicOf(room), payload: { messageSent: message } })
        return message
      },
    },
    Subscription: {
      messageSent: {
        subscribe: (_: unknown, { room }: RoomArguments, { pubsub }) => pubsub.subscribe(topicOf(room)),
      },
    },
  },
})
await app.listen({ port: PORT, host: HOST })
