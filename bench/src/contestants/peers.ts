import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Dialect } from '../load/plan.ts'
import { STORING_TABLES } from '../peers/storing.ts'
import { ask } from '../postgres.ts'
import { type Contestant, roomsOfSeats, type Scene } from './contestant.ts'
import { enter } from './enter.ts'

const GRAPHQL: Dialect = {
  type: 'graphql',
  path: '/graphql',
  subscription: `subscription ($room: ID!) {
    messageSent(room: $room) { id seq sender { id name } content createdAt }
  }`,
  mutation: `mutation ($room: ID!, $content: String!, $key: String!) {
    sendMessage(room: $room, content: $content, key: $key) { id }
  }`,
}

export const wsLoop = peer('ws broadcast loop', 'socket', 'ws', { type: 'plain' })
export const socketIo = peer('Socket.IO', 'socket', 'socket-io', { type: 'socket.io' })
export const mercurius = peer('Mercurius', 'graphql', 'mercurius', GRAPHQL)
export const apollo = peer('Apollo recipe', 'graphql', 'apollo', GRAPHQL)
export const yoga = peer('Yoga + graphql-ws', 'graphql', 'yoga', GRAPHQL)

/** Two ways of storing each message in a transaction of its own: statement by statement, and all in one statement. */
export const yogaTransactions = storing('Yoga, a transaction per send', 'transaction')
export const yogaStatements = storing('Yoga, one statement per send', 'statement')

function storing(name: string, how: string): Contestant {
  return {
    name,
    kind: 'storing',
    async enter(scene, ground) {
      const url = await ground.postgres.database(`yoga_${randomUUID().replaceAll('-', '')}`)
      const seats = seatsOf(scene)
      await ask(url, STORING_TABLES)
      await ask(url, `INSERT INTO room (room_id) SELECT 'room-' || n FROM generate_series(0, ${scene.rooms - 1}) n`)
      const members = seats.publishers.map(({ room, greeting }) => `('room-${room}', '${greeting.user}')`)
      await ask(url, `INSERT INTO member (room_id, user_id) VALUES ${members.join(', ')}`)
      const env = { DATABASE_URL: url, STORING: how }
      return enter({ command: commandOf('yoga-storing'), env, dialect: GRAPHQL, ...seats }, ground)
    },
  }
}

/** A peer whose rooms are names and whose users are who they say they are: it has nothing to prepare. */
function peer(name: string, kind: Contestant['kind'], script: string, dialect: Dialect): Contestant {
  return {
    name,
    kind,
    enter(scene, ground) {
      return enter({ command: commandOf(script), dialect, ...seatsOf(scene) }, ground)
    },
  }
}

/** Each has as many threads that collect garbage as Colloquy has by `npm start`. */
function commandOf(peer: string): readonly string[] {
  return ['--v8-pool-size=0', fileURLToPath(new URL(`../peers/${peer}.ts`, import.meta.url))]
}

function seatsOf({ rooms, subscribersPerRoom, publishers }: Scene) {
  const seats = (role: string, count: number) =>
    roomsOfSeats(count, rooms).map((room, n) => ({ room, greeting: { user: `${role}-${n}`, role } }))
  return {
    rooms: Array.from({ length: rooms }, (_, n) => `room-${n}`),
    subscribers: seats('subscriber', rooms * subscribersPerRoom),
    publishers: seats('publisher', publishers),
  }
}
