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

/** A message's kind, and its length without the kind. */
const HEADER = 5
const DATA_ROW = 0x44

/** Reads one answer of the backend as it comes. */
export function createReplyReader() {
  const parser = new protocol.Parser()
  const results: Row[][] = []
  let columns: readonly Column[] = []
  let rows: Row[] = []
  let error: Error | undefined
  let ready = false
  let rest = Buffer.alloc(0)

  function read(message: { readonly name: string }): void {
    if (message instanceof kinds.RowDescriptionMessage) columns = columnsOf(message)
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
    /** Takes the next bytes; they are a view into memory that the backend uses again. */
    take(bytes: Uint8Array): void {
      const data = Buffer.concat([rest, bytes])
      let from = 0
      while (data.length - from >= HEADER) {
        const end = from + 1 + data.readUInt32BE(from + 1)
        if (end > data.length) break
        if (data[from] === DATA_ROW) rows.push(rowOf(columns, fieldsOf(data.subarray(from + HEADER, end))))
        else parser.parse(data.subarray(from, end), read)
        from = end
      }
      rest = data.subarray(from)
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

/** A data row's texts. The library's own reader takes a byte order mark off the front of each, which would change what was stored. */
function fieldsOf(body: Buffer): readonly (string | null)[] {
  let at = 2
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const length = body.readInt32BE(at)
    const from = at + 4
    at = from + Math.max(length, 0)
    return length < 0 ? null : body.toString('utf8', from, at)
  })
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {}
  for (const [index, { name, parse }] of columns.entries()) {
    const text = fields[index]
    row[name] = text === null || text === undefined ? null : parse(text)
  }
  return row
}
