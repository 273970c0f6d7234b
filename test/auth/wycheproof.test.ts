import { readFileSync } from 'node:fs'
import { decodeProtectedHeader, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeys, secretKeys } from '../../src/auth/create-keys.ts'
import type { Keys } from '../../src/auth/keys.ts'
import { signedPayload } from '../../src/auth/signature.ts'
import { TokenError } from '../../src/auth/token-error.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'
import { createKeyServer, type KeyServer } from './key-server.ts'

interface Group {
  readonly comment: string
  readonly public?: JWK
  readonly private: JWK
  readonly tests: readonly { readonly tcId: number; readonly jws: string; readonly result: 'valid' | 'invalid' }[]
}

const FILE = new URL('vectors/wycheproof-jws.json', import.meta.url)
const { testGroups }: { testGroups: readonly Group[] } = JSON.parse(readFileSync(FILE, 'utf8'))
const options = { clock: systemClock, logger: createRecordingLogger() }

/** Vectors whose result cannot be right. Each reason is a test below. */
const DEFECTIVE: Readonly<Record<number, 'valid' | 'invalid'>> = {
  // "Invalid padding" that the file has lost: byte for byte the valid 357.
  367: 'valid',
  370: 'valid',
  // A "?" in the header and the payload, which base64url does not have, under the signature of the text without it.
  372: 'invalid',
  373: 'invalid',
  // The key says PS256 or "ES521", the token PS384 or ES512: a key is for its own algorithm alone.
  346: 'invalid',
  350: 'invalid',
  347: 'invalid',
  351: 'invalid',
}

/** What became of every vector, in the file's words. */
async function verdicts(group: Group, keys: Keys): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for (const { tcId, jws } of group.tests) {
    const verdict = await signedPayload(jws, keys).then(
      () => 'valid',
      error => (error instanceof TokenError && error.reason !== 'unavailable' ? 'invalid' : String(error)),
    )
    found.set(tcId, verdict)
  }
  return found
}

/** A key that cannot be read, or not for signatures, is refused at the start: no token passes. */
async function byPublicKey(group: Group): Promise<Map<number, string>> {
  let keys: Keys
  try {
    keys = createKeys({ kind: 'public-key', publicKey: JSON.stringify(group.public) }, options)
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return new Map(group.tests.map(({ tcId }) => [tcId, 'invalid']))
  }
  return verdicts(group, keys)
}

function expected(group: Group): Map<number, string> {
  return new Map(group.tests.map(({ tcId, result }) => [tcId, DEFECTIVE[tcId] ?? result]))
}

const numbered = testGroups.map((group, nth) => ({ group, name: `${nth} ${group.comment}` }))
const symmetric = numbered.filter(({ group }) => group.public === undefined)
const asymmetric = numbered.filter(({ group }) => group.public !== undefined)

describe('the vectors', () => {
  const vectors = new Map(testGroups.flatMap(group => group.tests.map(test => [test.tcId, { ...test, group }])))
  const vector = (tcId: number) => vectors.get(tcId) ?? expect.fail(`no vector ${tcId}`)

  it('are all there', () => {
    expect(vectors.size).toBe(401)
  })

  it('call one token both valid and invalid', () => {
    for (const tcId of [367, 370]) {
      expect(vector(tcId)).toMatchObject({ jws: vector(357).jws, result: 'invalid' })
      expect(vector(357).result).toBe('valid')
    }
  })

  it('call a changed token valid under the signature of the unchanged one', () => {
    for (const tcId of [372, 373]) {
      expect(vector(tcId).jws).not.toBe(vector(357).jws)
      expect(vector(tcId).jws.replace('?', '')).toBe(vector(357).jws)
    }
  })

  it('call tokens valid whose algorithm is not that of their key', () => {
    for (const tcId of [346, 347, 350, 351]) {
      const { group, jws } = vector(tcId)
      expect(decodeProtectedHeader(jws).alg).not.toBe(group.public?.alg)
    }
  })
})

describe('by a secret', () => {
  it.each(symmetric)('$name: takes what is valid and nothing else', async ({ group }) => {
    const keys = secretKeys(Buffer.from(group.private.k ?? '', 'base64url'))
    expect(await verdicts(group, keys)).toEqual(expected(group))
  })
})

describe('by a public key', () => {
  it.each(asymmetric)('$name: takes what is valid and nothing else', async ({ group }) => {
    expect(await byPublicKey(group)).toEqual(expected(group))
  })
})

describe('by a key set', () => {
  let server: KeyServer
  beforeAll(async () => {
    server = await createKeyServer()
  })
  afterAll(() => server.close())

  it.each(asymmetric)('$name: takes what is valid and nothing else', async ({ group }) => {
    server.keys = group.public === undefined ? [] : [group.public]
    const keys = createKeys({ kind: 'jwks', url: server.url }, options)
    expect(await verdicts(group, keys)).toEqual(expected(group))
  })
})
