import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** An identity provider's key set over HTTP. */
export interface KeyServer {
  readonly url: string
  /** How often the set was asked for. */
  readonly asked: number
  keys: readonly JWK[]
  /** How it answers: with the keys, with an error, with what is no key set, or not at all (the connection breaks). */
  mode: 'up' | 'error' | 'rubbish' | 'down'
  close(): Promise<void>
}

export async function createKeyServer(): Promise<KeyServer> {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    if (state.mode === 'down') return request.socket.destroy()
    response.writeHead(state.mode === 'error' ? 500 : 200, { 'content-type': 'application/json', connection: 'close' })
    return response.end(state.mode === 'rubbish' ? '{"keys": 1}' : JSON.stringify({ keys: state.keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const state: KeyServer = {
    url: `http://127.0.0.1:${port}/keys`,
    get asked() {
      return asked
    },
    keys: [],
    mode: 'up',
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return state
}

/** One key pair of an issuer. */
export interface Signer {
  /** As it stands in a key set. */
  readonly jwk: JWK
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

export async function createSigner(kid: string, alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  }
}
