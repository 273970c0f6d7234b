import { createPubSub, createSchema, createYoga } from 'graphql-yoga'
import { Pool } from 'pg'
import { type Message, type RoomArguments, type SendArguments, TYPE_DEFS } from './chat.ts'
import { storeInOneStatement, storeInTransaction } from './storing.ts'
import { listen } from './yoga-sockets.ts'

/** Yoga, and every message stored before it is acknowledged and published: in a transaction of its own, as applications are written. */
const store = process.env['STORING'] === 'statement' ? storeInOneStatement : storeInTransaction
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 16 })
const pubSub = createPubSub<{ messageSent: [room: string, message: Message] }>()

listen(
  createYoga<object, { readonly user: string }>({
    schema: createSchema<{ readonly user: string }>({
      typeDefs: TYPE_DEFS,
      resolvers: {
        Mutation: {
          async sendMessage(_: unknown, { room, content, key }: SendArguments, { user }) {
            const message = await store(pool, { room, content, key, user })
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
