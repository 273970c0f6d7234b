import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VARIABLES } from '../../src/config/variables.ts'

const PAGE = readFileSync('docs/operations.md', 'utf8')

/** What compose.yaml alone knows. */
const OF_COMPOSE = ['PUBLISHED_PORT']

test('every variable that the page names is one', () => {
  const named = [...PAGE.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(name => !(name in VARIABLES.shape) && !OF_COMPOSE.includes(name))).toEqual([])
  expect(OF_COMPOSE.filter(name => !readFileSync('compose.yaml', 'utf8').includes(`\${${name}`))).toEqual([])
})

test('every file that the page names is there', () => {
  const named = [...PAGE.matchAll(/(?:test|deploy|src)\/[\w/.-]+\w|compose\.yaml/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(path => !existsSync(path))).toEqual([])
})

test('the defaults that the page names are those', () => {
  const defaults = VARIABLES.partial().parse({})
  for (const [, name = '', value = '', unit = ''] of PAGE.matchAll(/`([A-Z_]+)` \((\d+) ?(s|KB|)\)/g)) {
    const factor = { s: 1_000, KB: 1_024 }[unit] ?? 1
    expect([name, Object.entries(defaults).find(([key]) => key === name)?.[1]]).toEqual([name, Number(value) * factor])
  }
})
