import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { VARIABLES } from '../../src/config/variables.ts'
import { readConfig } from '../../src/config.ts'
import { environmentsOf, readCompose } from './compose.ts'

const SECRETS = { JWT_SECRET: 'a secret of more than thirty-two bytes', POSTGRES_PASSWORD: 'password' }
const IMAGE = { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '4000' }

/** What `ws` gives a socket to answer a close frame, and the process to end after all is closed. */
const CLOSING_MS = 5_000 + 2_000

const compose = readCompose(SECRETS)
const nodes = environmentsOf(compose, 'colloquy')

test('there are two nodes, which differ in nothing', () => {
  const { node1, node2, ...others } = nodes
  expect(others).toEqual({})
  expect(node1).toEqual(node2)
  expect(compose.services['node1']).toEqual(compose.services['node2'])
})

test.each(Object.keys(SECRETS))('without %s it does not start, and says what to do', name => {
  expect(() => readCompose({ ...SECRETS, [name]: '' })).toThrow(
    new RegExp(`^required variable ${name} .*set it in \\.env`),
  )
})

describe.each(Object.entries(nodes))('%s', (name, environment) => {
  test('has variables that the server knows, with values that it takes', () => {
    expect(Object.keys(environment).filter(variable => !(variable in VARIABLES.shape))).toEqual([])
    const config = readConfig({ ...IMAGE, ...environment })
    expect(config).toMatchObject({ environment: 'production', tokens: { keys: { secret: SECRETS.JWT_SECRET } } })
    const { hostname, username, password, pathname } = new URL(config.databaseUrl ?? '')
    const { POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD } = compose.services[hostname]?.environment ?? {}
    expect([pathname, username, password]).toEqual([`/${POSTGRES_DB}`, POSTGRES_USER, POSTGRES_PASSWORD])
    expect(config.redisUrls.map(url => compose.services[new URL(url).hostname]?.image)).toEqual([
      expect.stringMatching(/^redis:/),
    ])
  })

  test('has more time to stop than its drain may take', () => {
    const { drainMs, drainNoticeMs, drainGraceMs } = readConfig({ ...IMAGE, ...environment }).transport
    const [, seconds] = /^(\d+)s$/.exec(compose.services[name]?.stop_grace_period ?? '') ?? []
    expect(Number(seconds) * 1_000).toBeGreaterThan(Math.max(drainMs, drainNoticeMs) + 2 * drainGraceMs + CLOSING_MS)
  })
})

test('whatever a service needs is there', () => {
  const services = Object.keys(compose.services)
  for (const { depends_on: needed = [], volumes = [], build } of Object.values(compose.services)) {
    expect(services).toEqual(expect.arrayContaining(Array.isArray(needed) ? needed : Object.keys(needed)))
    for (const volume of volumes) {
      const [source = ''] = volume.split(':')
      expect(source.startsWith('.') ? existsSync(source) : source in compose.volumes).toBe(true)
    }
    if (build !== undefined) expect(existsSync(`${build}/Dockerfile`)).toBe(true)
  }
})

test('nothing but the load balancer can be reached from outside', () => {
  const published = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined)
  expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['balancer', ['4000:4000']]])
})

test('no image is named by a host', () => {
  const bases = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)
  const images = Object.values(compose.services).map(({ image }) => image)
  expect([...bases, ...images].filter(name => !/^[a-z]+(:[\w.-]+)?$/.test(name ?? ''))).toEqual([])
})
