import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/observe/pino.ts'
import { startServer } from '../../src/server.ts'
import { altered } from './bus-faults.ts'

/** A program: a server whose process ends, at one commit in ten, after the commit and before any other node is told of it. */
const config = readConfig(process.env)
const logger = createLogger({ level: 'info', pretty: false })
const server = await startServer(config, {
  logger,
  bus: bus =>
    altered(bus, {
      tell(channel, message) {
        if (Math.random() < 0.1) process.kill(process.pid, 'SIGKILL')
        else bus.tell(channel, message)
      },
    }),
})
logger.info({ url: new URL('/graphql', server.url).href }, 'listening')
