import type { Logger } from '../../src/observe/logger.ts'

export interface LogEntry {
  readonly level: keyof Logger
  readonly fields: object
  readonly message: string
}

export interface RecordingLogger extends Logger {
  readonly entries: readonly LogEntry[]
}

/** Writes nothing and keeps everything, so that a test can say what was logged, or that nothing was. */
export function createRecordingLogger(): RecordingLogger {
  const entries: LogEntry[] = []
  const record = (level: keyof Logger) => (fields: object, message: string) => {
    entries.push({ level, fields, message })
  }
  return { entries, debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') }
}
