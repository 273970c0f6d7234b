import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process, or another part of this one, works on the directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError'

  constructor(directory: string, options?: ErrorOptions) {
    super(
      `The data directory ${directory} is in use by another process: stop that one, or set DATA_DIR to another directory.`,
      options,
    )
  }
}

const SQLITE_BUSY = 5

/**
 * Takes the directory, which is made when it is missing; the returned function gives it back.
 *
 * The lock is an exclusive transaction on an empty SQLite file, the one lock of the operating system that Node can reach without a native module:
 * fcntl on Linux and macOS, LockFileEx on Windows. The kernel holds it for the process and drops it at the process's end, however that comes, kill -9
 * and power loss included. So there is no stale lock to judge, no pid to compare and no moment between looking and taking. The file is never removed:
 * that would let two processes lock two files of one name. SQLite itself refuses a second lock within the process.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = new DatabaseSync(join(directory, 'lock'))
  try {
    // Without a journal on disk the transaction, which writes nothing, leaves nothing behind.
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    throw isBusy(error) ? new DataDirectoryInUseError(directory, { cause: error }) : error
  }
  return () => {
    if (file.isOpen) file.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
