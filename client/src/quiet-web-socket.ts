interface Socket {
  addEventListener(type: 'error', listener: () => void): void
}

type SocketClass = new (url: string, protocol: string) => Socket

/**
 * The WebSocket class to connect with: the one that is given, else the platform's. graphql-ws stops listening to a socket that it gives up while it still
 * connects, and the class of the package `ws` throws an error that nobody listens to: it would end a Node process.
 */
export function quietWebSocket(given: unknown): SocketClass {
  const Given = given ?? globalThis.WebSocket
  if (!isSocketClass(Given)) throw new TypeError('There is no WebSocket here: give one as webSocketImpl.')
  return class extends Given {
    constructor(url: string, protocol: string) {
      super(url, protocol)
      this.addEventListener('error', () => {})
    }
  }
}

function isSocketClass(value: unknown): value is SocketClass {
  return typeof value === 'function'
}
