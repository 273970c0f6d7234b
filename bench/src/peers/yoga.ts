import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { createMessage, type Message, type RoomArguments, type SendArguments, TYPE_DEFS } from './chat.ts'
import { listen } from './yoga-sockets.ts'

/** Yoga with its own in-process PubSub, a topic for each room. */
const pubSub = createPubSub<{ messageSent: [room: string, message: Message] }>()

listen(
  createYoga<object, { readonly user: string }>({
    schema: createSchema<{ readonly user: string }>({
      typeDefs: TYPE_DEFS,
      resolvers: {
        Mutation: {
          sendMessage(_: unknown, { room, content }: SendArguments, { user }) {
            const message = createMessage(room, user, content)
            pubSub.publish('messageSent', room, message)
            return message
          },
        },
        Subscription: {
          messageSent: {
            subscribe: (_: unknown, { room }: RoomArguments) => pubSub.subscribe('messageSent', room),
            resolve: (message: Message) => message,
          },
        },
      },
    }),
  }),
)
