import { messages as kinds, protocol } from '@electric-sql/pglite'
import { type ColumnParser, columnParser } from './column.ts'
import type { Row } from './database.ts'

/** What came of a flush: the rows of each statement that completed, and the first error. */
export interface Outcome {
  readonly results: readonly (readonly Row[])[]
  readonly error: Error | undefined
}

interface Column {
  readonly name: string
  readonly parse: ColumnParser
}

/** Reads one answer of the backend as it comes. */
export function createReplyReader() {
  const parser = new protocol.Parser()
  const results: Row[][] = []
  let columns: readonly Column[] = []
  let rows: Row[] = []
  let error: Error | undefined
  let ready = false

  function read(message: { readonly name: string }): void {
    if (message instanceof kinds.DataRowMessage) rows.push(rowOf(columns, message.fields))
    else if (message instanceof kinds.RowDescriptionMessage) columns = columnsOf(message)
    else if (message instanceof kinds.CommandCompleteMessage || message.name === 'emptyQuery') complete()
    else if (message instanceof kinds.DatabaseError) error ??= message
    else if (message instanceof kinds.ReadyForQueryMessage) ready = true
  }

  function complete(): void {
    results.push(rows)
    rows = []
    columns = []
  }

  return {
    /** Takes the next bytes and returns their number; they are a view into memory that the backend uses again. */
    take(bytes: Uint8Array): void {
      parser.parse(bytes.slice(), read)
    },
    /** Throws when the backend did not come back from what it was asked: nothing it says after that can be trusted. */
    end(): Outcome {
      if (!ready) throw new Error('the embedded database did not finish its answer', { cause: error })
      return { results, error }
    },
  }
}

function columnsOf(message: InstanceType<typeof kinds.RowDescriptionMessage>): readonly Column[] {
  return message.fields.map(({ name, dataTypeID }) => ({ name, parse: columnParser(dataTypeID) }))
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {}
  for (const [index, { name, parse }] of columns.entries()) {
    const text = fields[index]
    row[name] = text === null || text === undefined ? null : parse(text)
  }
  return row
}
