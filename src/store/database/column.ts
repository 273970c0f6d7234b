import { types } from 'pg'

/** Turns a column's text into its JavaScript value. */
export type ColumnParser = (text: string) => unknown

const INT8 = 20
const INT8_ARRAY = 1016
const BYTEA = 17
const TEXT_ARRAY: number = 1009

/** What differs from pg's own parsers: int8 keeps all its 64 bits, and bytes are the same plain array whichever driver they come from. */
const OWN: ReadonlyMap<number, ColumnParser> = new Map<number, ColumnParser>([
  [INT8, BigInt],
  [INT8_ARRAY, text => textArray(text).map(item => (item === null ? null : BigInt(item)))],
  [BYTEA, text => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))],
])

/** The parser of a column type, by its OID. A type without one stays text. */
export function columnParser(oid: number): ColumnParser {
  return OWN.get(oid) ?? types.getTypeParser(oid, 'text')
}

function textArray(text: string): readonly (string | null)[] {
  return types.getTypeParser(TEXT_ARRAY, 'text')(text)
}
