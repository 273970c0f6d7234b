/** What says nothing about the structure of a document: comments, and strings, which may hold anything. */
const ASIDES = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g
const TOKENS = /[{}()[\]]|[A-Za-z_]\w*/g

/** Whether the operation to be executed is a subscription. A document that does not parse is none. */
export function isSubscription(query: string, operationName?: string | null): boolean {
  const heads = definitionHeads(query).filter(([keyword]) => keyword !== 'fragment')
  const head = operationName ? heads.find(([, name]) => name === operationName) : heads[0]
  return head?.[0] === 'subscription'
}

/** The first two words of each definition. */
function definitionHeads(query: string): readonly (readonly string[])[] {
  const heads: string[][] = []
  let depth = 0
  let head: string[] | undefined
  for (const [token] of query.replaceAll(ASIDES, ' ').matchAll(TOKENS)) {
    if ('{(['.includes(token)) depth += 1
    else if ('})]'.includes(token)) {
      depth -= 1
      // Only a selection set ends a definition.
      if (depth === 0 && token === '}') head = undefined
    } else if (depth === 0) {
      if (head === undefined) {
        head = []
        heads.push(head)
      }
      if (head.length < 2) head.push(token)
    }
  }
  return heads
}
