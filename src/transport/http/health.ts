import type { ServerResponse } from 'node:http'
import type { Page } from './http.ts'

/** /livez: the process serves. /readyz: it also has all that it needs, and wants traffic. */
export function healthPages(ready: () => boolean | Promise<boolean>): ReadonlyMap<string, Page> {
  return new Map<string, Page>([
    ['/livez', (_request, response) => say(response, 200, 'ok')],
    [
      '/readyz',
      async (_request, response) =>
        (await isReady(ready)) ? say(response, 200, 'ok') : say(response, 503, 'not ready'),
    ],
  ])
}

async function isReady(ready: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await ready()
  } catch {
    return false
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(`${text}\n`)
}
