import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { publicKey } from '../../src/auth/public-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const pem = (key: { publicKey: KeyObject }) => key.publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('publicKey', () => {
  it.each([
    ['RSA', rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['P-256', ec('P-256'), ['ES256']],
    ['P-384', ec('P-384'), ['ES384']],
    ['P-521', ec('P-521'), ['ES512']],
    ['Ed25519', generateKeyPairSync('ed25519'), ['EdDSA', 'Ed25519']],
  ])('takes the algorithms from an %s key, as PEM or JWK', (_, pair, algorithms) => {
    expect(publicKey(pem(pair)).algorithms).toEqual(algorithms)
    expect(publicKey(JSON.stringify(pair.publicKey.export({ format: 'jwk' }))).algorithms).toEqual(algorithms)
  })

  it('takes a PEM on one line, its breaks spelled out', () => {
    expect(publicKey(pem(rsa).replaceAll('\n', '\\n')).key.equals(rsa.publicKey)).toBe(true)
  })

  it('narrows the algorithms to what the JWK says', () => {
    const jwk = { ...rsa.publicKey.export({ format: 'jwk' }), alg: 'PS256', use: 'sig', key_ops: ['verify'] }
    expect(publicKey(JSON.stringify(jwk)).algorithms).toEqual(['PS256'])
  })

  it.each([
    ['a private PEM', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a private PEM of the old form', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['a private JWK', JSON.stringify(rsa.privateKey.export({ format: 'jwk' }))],
    ['a secret JWK', '{"kty":"oct","k":"c2VjcmV0"}'],
    ['a key for encryption', JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc' })],
    ['a key that may not verify', JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), key_ops: ['encrypt'] })],
    ['a JWK of a foreign algorithm', JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'ES256' })],
    ['a JWK for HMAC', JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), alg: 'HS256' })],
    ['a short RSA key', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
    ['a curve that JWS does not have', pem(ec('secp256k1'))],
    ['a key that cannot sign', pem(generateKeyPairSync('x25519'))],
    ['rubbish', 'rubbish'],
    ['broken JSON', '{"kty":'],
    ['JSON that is no key', '{}'],
    ['a list of keys', '{"keys":[]}'],
  ])('refuses %s, and repeats nothing of it', (_, text) => {
    expect(() => publicKey(text)).toThrow(TypeError)
    const piece = text
      .replaceAll(/-----[A-Z ]+-----/g, '')
      .trim()
      .slice(0, 20)
    expect(() => publicKey(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(piece) }))
  })
})
