import type { Json } from '../domain/json.ts'
import type { Row } from './database/database.ts'

/**
 * Reading a row's columns: the edge where the database's values come in. Each reader throws a TypeError when the column is not what the statement
 * promised, which is a fault of the statement.
 */

function fail(row: Row, column: string, wanted: string): never {
  throw new TypeError(`column ${column} is no ${wanted}: ${typeof row[column]}`)
}

export function text(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : fail(row, column, 'text')
}

export function integer(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : fail(row, column, 'integer')
}

export function bigint(row: Row, column: string): bigint {
  const value = row[column]
  return typeof value === 'bigint' ? value : fail(row, column, 'bigint')
}

/** A bigint that counts from 0 and stays below 2^53. */
export function position(row: Row, column: string): number {
  return Number(bigint(row, column))
}

export function instant(row: Row, column: string): Date {
  const value = row[column]
  return value instanceof Date ? value : fail(row, column, 'timestamp')
}

export function texts(row: Row, column: string): readonly string[] {
  const value = row[column]
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : fail(row, column, 'text[]')
}

export function json(row: Row, column: string): Json {
  const value = row[column]
  return value === undefined ? fail(row, column, 'json') : (value as Json)
}

/** One of the words that the column's check constraint allows. */
export function word<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const value = text(row, column)
  return words.find(each => each === value) ?? fail(row, column, words.join(' | '))
}

export function orNull<Value>(read: (row: Row, column: string) => Value, row: Row, column: string): Value | null {
  return row[column] === null ? null : read(row, column)
}
