import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGraphiqlAssets } from './graphiql-assets.ts'
import { GRAPHIQL_HTML } from './graphiql-page.ts'

/** GraphiQL for people: a page of our own over the bundled script of @graphql-yoga/render-graphiql, everything from our own origin. */
export interface GraphiqlPage {
  /** Whether a browser asks for a page, and no client for an answer. */
  wantedBy(request: IncomingMessage, url: URL): boolean
  servePage(response: ServerResponse): void
  /** Serves what the page loads; false when there is nothing of that path. */
  serveAsset(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean>
}

/** Nothing from anywhere else, and no inline script. Inline styles and data: URLs are how the editor makes its styles and carries its fonts. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ASSETS = '/graphql/graphiql/'

export function createGraphiql(): GraphiqlPage {
  const assets = createGraphiqlAssets()

  return {
    wantedBy(request, url) {
      const { accept = '', authorization } = request.headers
      const isNavigation = request.method === 'GET' && accept.includes('text/html') && authorization === undefined
      return isNavigation && !url.searchParams.has('query')
    },
    servePage(response) {
      response
        .writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': POLICY,
          'cache-control': 'no-cache',
        })
        .end(GRAPHIQL_HTML)
    },
    async serveAsset(request, response, path) {
      if (request.method !== 'GET' || !path.startsWith(ASSETS)) return false
      const asset = await assets.find(path.slice(ASSETS.length))
      if (asset === undefined) return false
      const headers = { etag: asset.etag, 'cache-control': 'no-cache', vary: 'Accept-Encoding' }
      if (request.headers['if-none-match'] === asset.etag) {
        response.writeHead(304, headers).end()
        return true
      }
      const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      const body = zipped ? asset.zipped : asset.plain
      const encoding = zipped ? { 'content-encoding': 'gzip' } : {}
      const described = { 'content-type': asset.type, 'content-length': body.length, 'content-security-policy': POLICY }
      response.writeHead(200, { ...headers, ...described, ...encoding }).end(body)
      return true
    },
  }
}
