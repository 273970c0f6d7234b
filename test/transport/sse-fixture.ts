export interface ServerEvent {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

/** The events of a response, comments left out. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent, void, void> {
  for await (const block of readBlocks(response)) {
    const fields = new Map(block.split('\n').map(line => split(line)))
    const event = fields.get('event')
    if (event !== undefined) yield { event, data: fields.get('data') ?? '', id: fields.get('id') }
  }
}

/** What stands between blank lines, comments included. */
export async function* readBlocks(response: Response): AsyncGenerator<string, void, void> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true || response.body === null) {
    throw new Error(`no event stream: ${response.status} ${await response.text()}`)
  }
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    yield* blocks
  }
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}

/** All events of a response that ends. */
export async function allEvents(response: Response): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of readEvents(response)) events.push(event)
  return events
}
