import { createHash } from 'node:crypto'

/** A longer name is replaced by its digest: an id may have thousands of characters. */
const MAX_LENGTH = 250

/**
 * The name of a channel or key that belongs to a list of parts, each of them any text. Two lists never share one. It has letters, digits and `-_%:`
 * (and one `#` if it is a digest): nothing that a pattern, a hash tag or the protocol would give a meaning.
 */
export function redisName(parts: readonly string[]): string {
  const name = parts.map(part => `:${part.replace(/[^A-Za-z0-9_-]/g, escaped)}`).join('')
  return name.length <= MAX_LENGTH ? name.slice(1) : `#${createHash('sha256').update(name).digest('base64url')}`
}

/** By its code unit, so that a lone surrogate has a name too. */
function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
