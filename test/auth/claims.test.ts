import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TokenRules, viewerOf } from '../../src/auth/claims.ts'
import { TokenError } from '../../src/auth/token-error.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000
const RULES: TokenRules = { tenantClaim: 'org_id', maxLifetimeSeconds: 86_400 }
const GOOD = { sub: 'alice', org_id: 'acme', exp: SECONDS + 60 }

const bytes = (claims: unknown) => Buffer.from(JSON.stringify(claims))
const read = (claims: object, rules: Partial<TokenRules> = {}, now = NOW) =>
  viewerOf(bytes({ ...GOOD, ...claims }), { ...RULES, ...rules }, now)
const refused = (reason: string) => expect.objectContaining({ name: 'TokenError', reason })

describe('viewerOf', () => {
  it('reads all that a token can say', () => {
    const claims = {
      name: 'Alice',
      picture: 'https://x.example/a.png',
      roles: ['admin'],
      jti: 'token-1',
      iat: SECONDS - 9,
    }
    expect(read(claims)).toEqual({
      tenantId: 'acme',
      userId: 'alice',
      name: 'Alice',
      avatarUrl: 'https://x.example/a.png',
      roles: ['admin'],
      expiresAt: NOW + 60_000,
      issuedAt: NOW - 9_000,
      tokenId: 'token-1',
    })
  })

  it('reads a token that says only what it must', () => {
    expect(read({})).toMatchObject({ name: null, avatarUrl: null, roles: [], issuedAt: null, tokenId: null })
  })

  it('takes the tenant from the claim that is configured', () => {
    const claim = 'https://chat.example/tenant'
    expect(read({ [claim]: 'other' }, { tenantClaim: claim }).tenantId).toBe('other')
    expect(() => read({}, { tenantClaim: claim })).toThrow(refused('invalid'))
  })

  const BAD_IDS = [
    undefined,
    null,
    '',
    '   ',
    1,
    true,
    ['alice'],
    {},
    'a\0b',
    'a\nb',
    'a\u001bb',
    '\ud800',
    'x'.repeat(256),
  ]
  describe.each(['sub', 'org_id', 'jti'])('%s', claim => {
    it.each(BAD_IDS.filter(value => claim !== 'jti' || value !== undefined))('must not be %j', value => {
      expect(() => read({ [claim]: value })).toThrow(refused('invalid'))
    })

    it.each(['x'.repeat(255), '😀'.repeat(255), 'a:b', '../x', 'a|b*', '{x}'])('may be %j', value => {
      expect(() => read({ [claim]: value })).not.toThrow()
    })
  })

  it.each([
    ['absent', undefined],
    ['text', `${SECONDS + 60}`],
    ['null', null],
    ['beyond the longest lifetime', SECONDS + 86_401],
    ['in 100 years', SECONDS + 100 * 365 * 86_400],
    ['infinite', Number.MAX_VALUE],
  ])('refuses an exp that is %s', (_, exp) => {
    expect(() => read({ exp })).toThrow(refused('invalid'))
  })

  it('refuses an exp that JSON reads as infinity', () => {
    const payload = Buffer.from('{"sub":"alice","org_id":"acme","exp":1e999}')
    expect(() => viewerOf(payload, RULES, NOW)).toThrow(refused('invalid'))
  })

  it('lets a token expire to the millisecond, without grace', () => {
    expect(read({ exp: SECONDS + 86_400 }).expiresAt).toBe(NOW + 86_400_000)
    expect(() => read({}, {}, NOW + 59_999)).not.toThrow()
    expect(() => read({}, {}, NOW + 60_000)).toThrow(refused('expired'))
    expect(() => read({ exp: -1 })).toThrow(refused('expired'))
  })

  it('calls a token expired only when nothing else is wrong with it', () => {
    expect(() => read({ exp: 1, sub: '' })).toThrow(refused('invalid'))
    expect(() => read({ exp: 1, iss: 'x' }, { issuer: 'y' })).toThrow(refused('invalid'))
  })

  it.each(['nbf', 'iat'])('bears with an issuer whose clock is 5 s ahead, by %s, and no more', claim => {
    expect(() => read({ [claim]: SECONDS + 5 })).not.toThrow()
    expect(() => read({ [claim]: SECONDS + 5.1 })).toThrow(refused('invalid'))
    expect(() => read({ [claim]: `${SECONDS}` })).toThrow(refused('invalid'))
    expect(() => read({ [claim]: null })).toThrow(refused('invalid'))
  })

  it('takes no token whose whole life is too long, although its end is near', () => {
    expect(() => read({ iat: SECONDS - 86_340 })).not.toThrow()
    expect(() => read({ iat: SECONDS - 86_341 })).toThrow(refused('invalid'))
  })

  it('wants the issuer that is configured', () => {
    const rules = { issuer: 'https://id.example/' }
    expect(() => read({ iss: 'https://id.example/' }, rules)).not.toThrow()
    for (const iss of [undefined, '', 'https://id.example', ['https://id.example/'], null]) {
      expect(() => read({ iss }, rules)).toThrow(refused('invalid'))
    }
  })

  it('wants the audience that is configured, alone or among others', () => {
    const rules = { audience: 'chat' }
    for (const aud of ['chat', ['chat'], ['x', 'chat']]) expect(() => read({ aud }, rules)).not.toThrow()
    for (const aud of [undefined, '', 'chat ', 'chats', [], ['x'], [['chat']], { chat: 1 }]) {
      expect(() => read({ aud }, rules)).toThrow(refused('invalid'))
    }
  })

  it.each([1, '', 'a\0b', 'a\nb', 'x'.repeat(256), ['Alice'], '\udc00'])(
    'leaves out a name that cannot be shown: %j',
    name => {
      expect(read({ name }).name).toBeNull()
    },
  )

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:image/svg+xml,x',
    'file:///etc/passwd',
    '//x.example/a',
    'a.png',
    '',
    1,
    `https://x.example/${'a'.repeat(2048)}`,
  ])('leaves out a picture that is no web address: %j', picture => {
    expect(read({ picture }).avatarUrl).toBeNull()
  })

  it.each([null, 'admin', { admin: true }, [1, null, '', 'a\0']])('grants no role for %j', roles => {
    expect(read({ roles }).roles).toEqual([])
  })

  it.each(['', 'null', '1', '"x"', '[]', '{', '{"sub":"alice"}'])('refuses the payload %j', payload => {
    expect(() => viewerOf(Buffer.from(payload), RULES, NOW)).toThrow(refused('invalid'))
  })

  it('refuses bytes that are not UTF-8', () => {
    const payload = Buffer.from(JSON.stringify(GOOD).replace('alice', 'alic\u00e9'), 'latin1')
    expect(() => viewerOf(payload, RULES, NOW)).toThrow(refused('invalid'))
  })

  it('takes no claim from Object.prototype, and pollutes nothing', () => {
    expect(() => read({}, { tenantClaim: 'constructor' })).toThrow(refused('invalid'))
    const payload = Buffer.from('{"__proto__":{"sub":"mallory","roles":["admin"]},"org_id":"acme","exp":1}')
    expect(() => viewerOf(payload, RULES, NOW)).toThrow(refused('invalid'))
    expect(Reflect.get({}, 'roles')).toBeUndefined()
  })

  it('gives a viewer or a TokenError for anything that JSON can say', () => {
    const claims = fc.dictionary(
      fc.constantFrom('sub', 'org_id', 'exp', 'nbf', 'aud', 'name', 'roles', 'jti', 'x'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(claims, said => {
        try {
          viewerOf(bytes({ ...GOOD, ...said }), { ...RULES, audience: 'chat' }, NOW)
        } catch (error) {
          expect(error).toBeInstanceOf(TokenError)
        }
      }),
    )
  })
})
