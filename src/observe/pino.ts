import pino, { type DestinationStream } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Logger } from './logger.ts'
import { line, presentable } from './presentable.ts'

export interface LoggerOptions {
  /** What is less grave is not written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** For people at a terminal: several lines an event, in colour. Else one JSON line an event. */
  readonly pretty: boolean
  /** Milliseconds since the epoch. Default: the machine's clock. */
  readonly now?: () => number
  /** Takes whole events, each with its line break. Default: standard output. */
  readonly destination?: DestinationStream
}

/** The names that pino itself writes: a field of such a name would stand twice in the line. */
const TAKEN = ['level', 'time', 'msg']

/** A logger that writes before it returns, so that the last words of a process are never lost. It does not throw, whatever it is given. */
export function createLogger(options: LoggerOptions): Logger {
  const { now = Date.now, destination = pino.destination({ fd: 1, sync: true }) } = options
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      // pino's own would take a presentable error for something else.
      serializers: { err: (error: unknown) => error },
      formatters: { level: label => ({ level: label }) },
    },
    options.pretty ? prettyInto(destination) : destination,
  )

  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (log.isLevelEnabled(level)) log[level](renamed(presentable(fields)), line(message))
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function renamed(fields: Record<string, unknown>): Record<string, unknown> {
  if (!TAKEN.some(name => Object.hasOwn(fields, name))) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [TAKEN.includes(key) ? `${key}_` : key, value]),
  )
}

/** pino-pretty's own stream hands lines on a turn later and its worker later still: this one writes at once. */
function prettyInto(destination: DestinationStream): DestinationStream {
  const prettify = prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
  return {
    write(event) {
      destination.write(prettify(event))
    },
  }
}
