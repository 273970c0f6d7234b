import type { Statement } from './database.ts'
import { encodeParameter, type Parameter } from './parameter.ts'

export interface EncodedStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly Parameter[]
}

/** Postgres cuts longer names off, and then takes two statements for one. */
const LONGEST_NAME = 63

/**
 * Makes statements ready to send, or throws a TypeError before any of the transaction has left: a driver that only found out while sending would leave
 * the statement out and commit the others.
 */
export function createStatementEncoder(): (statements: readonly Statement[]) => readonly EncodedStatement[] {
  const texts = new Map<string, string>()

  return statements =>
    statements.map(({ name, text, values }) => {
      const known = texts.get(name)
      if (known === undefined) {
        if (name === '' || name.length > LONGEST_NAME) throw new TypeError(`no name for a statement: ${name}`)
        texts.set(name, text)
      } else if (known !== text) {
        throw new TypeError(`two statements have the name ${name}`)
      }
      return { name, text, values: values.map(encodeParameter) }
    })
}
