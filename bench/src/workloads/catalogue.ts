import { groupCommit } from '../group-commit/group-commit.ts'
import { comingBack } from './coming-back.ts'
import { durableSends } from './durable-sends.ts'
import { growth } from './growth.ts'
import { idleSubscribers } from './idle-subscribers.ts'
import { manyRooms } from './many-rooms.ts'
import { oneLargeRoom } from './one-large-room.ts'
import { readingPages } from './reading-pages.ts'
import { secondNode } from './second-node.ts'
import type { Workload } from './workload.ts'

/** All there is to measure, in the order of the report. */
export const WORKLOADS: readonly Workload[] = [
  oneLargeRoom,
  manyRooms,
  durableSends,
  idleSubscribers,
  comingBack,
  secondNode,
  readingPages,
  growth,
  { ids: ['group-commit'], measure: ({ ground, settings }) => groupCommit(ground.postgres, settings) },
]

export const IDS = WORKLOADS.flatMap(({ ids }) => ids)
