/** Runs what works in the data directory: what the file system refuses it is a problem of DATA_DIR, and told as one. */
export async function inDataDirectory<Result>(dataDir: string, task: () => Promise<Result>): Promise<Result> {
  try {
    return await task()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new Error(`DATA_DIR: ${dataDir} cannot be used: ${error.message}`, { cause: error })
  }
}
