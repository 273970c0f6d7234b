import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import { expressMiddleware } from '@as-integrations/express5'
import { makeExecutableSchema } from '@graphql-tools/schema'
import express from 'express'
import { PubSub } from 'graphql-subscriptions'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
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

/** The "Subscriptions in Apollo Server" of its documentation, with a topic for each room. */
// A listener for each subscriber is what the emitter is for: no warning of many.
const eventEmitter = new EventEmitter().setMaxListeners(0)
const pubsub = new PubSub({ eventEmitter })
const schema = makeExecutableSchema({
  typeDefs: TYPE_DEFS,
  resolvers: {
    Mutation: {
      async sendMessage(_: unknown, { room, content }: SendArguments, { user }: { readonly user: string }) {
        const message = createMessage(room, user, content)
        await pubsub.publish(topicOf(room), { messageSent: message })
        return message
      },
    },
    Subscription: {
      messageSent: {
        subscribe: (_: unknown, { room }: RoomArguments) => pubsub.asyncIterableIterator(topicOf(room)),
      },
    },
  },
})

const app = express()
const http = createServer(app)
const sockets = new WebSocketServer({ server: http, path: '/graphql' })
const cleanup = useServer({ schema, context: ({ connectionParams }) => ({ user: userOf(connectionParams) }) }, sockets)
const server = new ApolloServer({
  schema,
  plugins: [
    ApolloServerPluginDrainHttpServer({ httpServer: http }),
    { serverWillStart: async () => ({ drainServer: async () => cleanup.dispose() }) },
  ],
})
await server.start()
app.use('/graphql', express.json(), expressMiddleware(server))
http.listen(PORT, HOST)
