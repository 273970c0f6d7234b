import { expect, it } from 'vitest'
import { redisAddress } from '../../../src/bus/redis/address.ts'

it.each([
  ['redis://cache', { host: 'cache', port: 6379, db: 0 }],
  ['redis://10.0.0.7:7000/3', { host: '10.0.0.7', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
  ['redis://:p%40s%3as@cache', { host: 'cache', port: 6379, db: 0, password: 'p@s:s' }],
  ['redis://bob:secret@cache', { host: 'cache', port: 6379, db: 0, username: 'bob', password: 'secret' }],
  ['rediss://cache', { host: 'cache', port: 6379, db: 0, tls: { servername: 'cache' } }],
  ['rediss://10.0.0.7', { host: '10.0.0.7', port: 6379, db: 0, tls: {} }],
])('reads %s', (address, expected) => {
  expect(redisAddress(address)).toEqual(expected)
})

it.each(['', 'cache:6379', 'http://cache', 'redis://cache/secret', 'redis://:%zz-secret@cache'])(
  'refuses "%s" without repeating it',
  address => {
    expect(() => redisAddress(address)).toThrow(TypeError)
    expect(() => redisAddress(address)).not.toThrow(/secret/)
  },
)
