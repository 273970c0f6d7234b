import type { IncomingMessage } from 'node:http'

export interface OriginRules {
  readonly allowedOrigins: readonly string[]
  readonly allowLocalOrigins: boolean
}

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether the page that makes this request may. A request without an Origin comes from no page and passes. `null`, lists and anything that is
 * not spelled as a browser spells an origin are refused.
 */
export function originAllowed(request: IncomingMessage, rules: OriginRules): boolean {
  const origin = request.headers.origin
  if (origin === undefined) return true
  const url = parseOrigin(origin)
  if (url === undefined) return false
  if (rules.allowedOrigins.includes(origin)) return true
  if (rules.allowLocalOrigins && LOCAL_HOSTS.has(url.hostname)) return true
  return isSameHost(url, request.headers.host)
}

function parseOrigin(origin: string): URL | undefined {
  if (!URL.canParse(origin)) return undefined
  const url = new URL(origin)
  // The comparison refuses what URL would repair: user names, paths, capital letters, default ports.
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.origin === origin ? url : undefined
}

/** The scheme is not compared: behind a proxy that ends TLS the server cannot know its own. */
function isSameHost(origin: URL, host: string | undefined): boolean {
  if (host === undefined) return false
  const own = `${origin.protocol}//${host}`
  return URL.canParse(own) && new URL(own).origin === origin.origin
}
