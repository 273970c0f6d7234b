import { existsSync, renameSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { StatementError, UnavailableError } from './database.ts'
import { migrate, SchemaTooNewError } from './migrate.ts'
import { createJobQueue } from './pglite-jobs.ts'
import { type Failure, type Job, type Reply, type Rows, START, type Work } from './pglite-messages.ts'
import { createPgliteSession } from './pglite-session.ts'

/** The thread that the embedded Postgres blocks. It takes jobs, answers each, and ends with an uncaught error as soon as its database is in doubt. */

const port = parentPort
const directory: unknown = workerData
if (port === null || typeof directory !== 'string') throw new TypeError('this file is a worker thread of the store')

const database = await open(directory)
const session = await createPgliteSession(database)
const jobs = createJobQueue()

port.on('message', (job: Job) => {
  if (jobs.add(job)) work().catch(crash)
})
reply({ id: START, rows: [] })

async function work(): Promise<void> {
  for await (const job of jobs) {
    reply(await answer(job))
    if (job.work.kind === 'close') port?.close()
  }
}

async function answer({ id, work }: Job): Promise<Reply> {
  try {
    return { id, rows: await perform(work) }
  } catch (error) {
    return { id, failure: failure(error) }
  }
}

async function perform(work: Work): Promise<Rows> {
  switch (work.kind) {
    case 'commit':
    case 'read':
      return session.transaction(work.kind, work.statements)
    case 'migrate':
      await session.asOwner(query => migrate({ query }, work.migrations))
      return []
    case 'maintain':
      return [await session.asOwner(query => query(work.sql))]
    case 'close':
      await database.close()
      return []
  }
}

function failure(error: unknown): Failure {
  if (error instanceof StatementError) return { name: error.name, message: error.message, sqlState: error.sqlState }
  if (error instanceof UnavailableError || error instanceof SchemaTooNewError) {
    return { name: error.name, message: error.message, sqlState: null }
  }
  throw error
}

function reply(message: Reply): void {
  port?.postMessage(message)
}

/** Out of every promise, to where the thread ends and the driver hears of it. */
function crash(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}

/** Makes a new cluster beside its place and moves it there whole, so that a process killed meanwhile leaves none behind that looks finished. */
async function open(cluster: string): Promise<PGlite> {
  if (!existsSync(cluster)) {
    const unfinished = `${cluster}.new`
    rmSync(unfinished, { recursive: true, force: true })
    await (await PGlite.create(unfinished)).close()
    renameSync(unfinished, cluster)
  }
  return PGlite.create(cluster)
}
