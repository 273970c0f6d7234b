/** How a client wants to be answered. At least one of the two is there. */
export interface Accepted {
  /** The media type of a single result. */
  readonly json: 'application/graphql-response+json' | 'application/json' | null
  readonly eventStream: boolean
}

const JSON_TYPES = ['application/graphql-response+json', 'application/json'] as const

/**
 * Reads an Accept header. Undefined when it allows nothing that the server speaks. A client that takes anything gets application/json, and an
 * event stream for a subscription.
 */
export function negotiate(accept: string | undefined): Accepted | undefined {
  const ranges = parseAccept(accept ?? '*/*')
  const anything = ranges.has('*/*')
  const eventStream = anything || ranges.has('text/event-stream') || ranges.has('text/*')
  const json = preferredJson(ranges) ?? (anything || ranges.has('application/*') ? 'application/json' : null)
  return json !== null || eventStream ? { json, eventStream } : undefined
}

function preferredJson(ranges: ReadonlyMap<string, number>): Accepted['json'] {
  const asked = JSON_TYPES.filter(type => ranges.has(type))
  return asked.toSorted((a, b) => (ranges.get(b) ?? 0) - (ranges.get(a) ?? 0))[0] ?? null
}

/** Media ranges with their weights; those of weight 0 and of another charset than UTF-8 are left out. */
function parseAccept(accept: string): Map<string, number> {
  const ranges = new Map<string, number>()
  for (const part of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map(text => text.trim())
    const quality = parameters.find(text => text.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    const charset = parameters.find(text => text.startsWith('charset='))
    const readable = charset === undefined || /^charset="?utf-8"?$/.test(charset)
    if (range !== '' && weight > 0 && readable) ranges.set(range, weight)
  }
  return ranges
}
