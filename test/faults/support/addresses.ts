/** Where a client turns to: always there, or asked anew for each connection, and over HTTP for each request. */
export type Address = URL | (() => URL)

/** One after the other, as a load balancer without sticky sessions leads. */
export function inTurn(urls: readonly URL[], first = 0): () => URL {
  let next = first
  return () => {
    const url = urls[next++ % urls.length]
    if (url === undefined) throw new Error('there is no address')
    return url
  }
}

export function addressNow(address: Address): URL {
  return typeof address === 'function' ? address() : address
}
