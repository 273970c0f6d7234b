import { type DocumentNode, visit } from 'graphql'

const known = new WeakMap<DocumentNode, boolean>()

/**
 * Whether the document may show `viewer { position }`. Who subscribes after that misses nothing of what the rest of the same query shows, so it has to be
 * read before the rest, wherever it stands.
 */
export function mayShowPosition(document: DocumentNode): boolean {
  let answer = known.get(document)
  if (answer === undefined) {
    const found = names(document)
    answer = found.has('viewer') && found.has('position')
    known.set(document, answer)
  }
  return answer
}

function names(document: DocumentNode): Set<string> {
  const found = new Set<string>()
  visit(document, { Field: ({ name }) => void found.add(name.value) })
  return found
}
