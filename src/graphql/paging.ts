import { RequestError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../domain/page.ts'

/** The most items that a page may have. */
export const MAX_PAGE = 100

/** How many it has where neither the client nor the schema says. */
export const DEFAULT_PAGE = 50

const MAX_CURSOR_LENGTH = 1_024

type Key = readonly (string | number)[]

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}

/** How a list is read when neither `first` nor `last` says it. */
export interface PageDefault {
  readonly direction: PageRequest['direction']
  readonly count: number
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly nodes: readonly Node[]
  readonly pageInfo: PageInfo
}

interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** Throws `RequestError` BAD_USER_INPUT for a count outside 0 to 100, both directions at once, and a cursor that is none. */
export function pageRequest(args: PageArguments, otherwise: PageDefault): PageRequest {
  const first = args.first ?? null
  const last = args.last ?? null
  const after = args.after ?? null
  const before = args.before ?? null
  checkCounts(first, last)
  const direction = directionOf(first ?? after, last ?? before, otherwise.direction)
  const count = (direction === 'forward' ? first : last) ?? otherwise.count
  const cursor = direction === 'forward' ? after : before
  return { direction, count, cursor: cursor === null ? null : decodeKey(cursor) }
}

/** Throws `RequestError` BAD_USER_INPUT when either is outside 0 to 100, or both are given. */
export function checkCounts(first: number | null, last: number | null): void {
  if (first !== null && last !== null) throw badInput('A page has either first or last, not both.')
  for (const count of [first, last]) {
    if (count !== null && (count < 0 || count > MAX_PAGE)) throw badInput(`A page has 0 to ${MAX_PAGE} items.`)
  }
}

/** The page as a connection; `keyOf` is the sort key that a cursor of the list holds. */
export function connection<Item, Node>(
  page: Page<Item>,
  nodeOf: (item: Item) => Node,
  keyOf: (item: Item) => Key,
): Connection<Node> {
  const edges = page.items.map(item => ({ cursor: encodeKey(keyOf(item)), node: nodeOf(item) }))
  return connectionOf(edges, page)
}

/** The same of edges that have their cursors already. */
export function connectionOf<Node>(
  edges: readonly { readonly cursor: string; readonly node: Node }[],
  page: Pick<PageInfo, 'hasNextPage' | 'hasPreviousPage'>,
): Connection<Node> {
  return {
    edges,
    nodes: edges.map(edge => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** What is shown of a list that the viewer may not read. */
export function emptyConnection<Node>(): Connection<Node> {
  return connectionOf<Node>([], { hasNextPage: false, hasPreviousPage: false })
}

function directionOf(forward: unknown, backward: unknown, otherwise: PageRequest['direction']) {
  if (forward !== null && backward !== null)
    throw badInput('A page is read in one direction: first with after, or last with before.')
  if (forward !== null) return 'forward'
  return backward !== null ? 'backward' : otherwise
}

function encodeKey(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function decodeKey(text: string): Key {
  const key = text.length <= MAX_CURSOR_LENGTH ? parse(Buffer.from(text, 'base64url').toString()) : undefined
  if (!isKey(key)) throw badInput('This is no cursor of this list.')
  return key
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isKey(value: unknown): value is Key {
  return Array.isArray(value) && value.every(part => typeof part === 'string' || Number.isSafeInteger(part))
}

function badInput(message: string): RequestError {
  return new RequestError('BAD_USER_INPUT', message)
}
