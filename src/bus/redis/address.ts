import type { RedisOptions } from 'ioredis'

/** What an address says: where, whether by TLS, as whom, and which database. */
export type RedisAddress = Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls'>

const DEFAULT_PORT = 6379

/** Reads `redis://user:password@host:port/db`, or `rediss:` for TLS. Throws a TypeError, which does not repeat it, when it is none. */
export function redisAddress(address: string): RedisAddress {
  const url = URL.parse(address)
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol)) throw new TypeError('not the address of a Redis')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const db = Number(url.pathname.slice(1))
  if (!Number.isSafeInteger(db)) throw new TypeError('the database of a Redis is a number')
  return {
    host: host === '' ? '127.0.0.1' : host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    db,
    ...(url.username !== '' && { username: decoded(url.username) }),
    ...(url.password !== '' && { password: decoded(url.password) }),
    // The name is what the certificate must be for; to name an IP address there is not allowed.
    ...(url.protocol === 'rediss:' && { tls: isName(host) ? { servername: host } : {} }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TypeError('a % in the user or password of a Redis begins no escape')
  }
}

function isName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host)
}
