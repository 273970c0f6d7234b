import { z } from 'zod'

/** What the load process is told, and what it tells: the words between it and whoever measures. */

/** How a server is spoken to. */
export const Dialect = z.discriminatedUnion('type', [
  /** JSON over a WebSocket: `{"content": …}` is published to all others who connected to the same room. */
  z.object({ type: z.literal('plain') }),
  z.object({ type: z.literal('socket.io') }),
  /** graphql-transport-ws. The subscription has the variable `room`, and `after` where it resumes; the mutation `room`, `content` and `key`. */
  z.object({ type: z.literal('graphql'), path: z.string(), subscription: z.string(), mutation: z.string() }),
])
export type Dialect = z.infer<typeof Dialect>

/** One socket: in which room (an index into `rooms`), and what it says of itself when it connects. */
const Seat = z.object({ room: z.int(), greeting: z.record(z.string(), z.string()) })
export type Seat = z.infer<typeof Seat>

export const OpenQuestion = z.object({
  type: z.literal('open'),
  /** Of the nodes; the sockets are spread over them in turn. */
  ports: z.array(z.int()),
  dialect: Dialect,
  /** The rooms' ids. */
  rooms: z.array(z.string()),
  subscribers: z.array(Seat),
  publishers: z.array(Seat),
  /** Sockets that are opened at the same time. */
  atOnce: z.int(),
  /** Where every subscriber resumes; absent: from now on. */
  after: z.string().optional(),
  /** How many messages each subscriber is behind: open once they have come, and the subscriber was told that it is up to date. */
  behind: z.int().optional(),
})
export type OpenQuestion = z.infer<typeof OpenQuestion>

/** Keeps so many messages in flight, over all rooms in turn: one is in flight until the last subscriber of its room has it. */
const ClosedLoop = z.object({ type: z.literal('closed-loop'), inFlight: z.int(), ms: z.number() })
/** Publishes so many a second, over all rooms in turn, whatever becomes of them. */
const OpenLoop = z.object({ type: z.literal('open-loop'), perSecond: z.number(), ms: z.number() })
/** Keeps so many messages unacknowledged, over all publishers in turn. */
const Acknowledged = z.object({ type: z.literal('acknowledged'), inFlight: z.int(), ms: z.number() })

export const Question = z.discriminatedUnion('type', [
  OpenQuestion,
  ClosedLoop,
  OpenLoop,
  Acknowledged,
  z.object({ type: z.literal('close') }),
])
export type Question = z.infer<typeof Question>

export const Opened = z.object({ ms: z.number() })

/** What one run measured. Times in milliseconds. */
export const Measured = z.object({
  ms: z.number(),
  cpuSeconds: z.number(),
  /** Messages that every subscriber has got, or that were acknowledged. */
  messages: z.int(),
  deliveries: z.int(),
  /** From a message's publishing to its last subscriber (closed loop), to each subscriber (open loop), or to its acknowledgement. */
  times: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
})
export type Measured = z.infer<typeof Measured>
