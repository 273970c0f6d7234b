import { expect, it } from 'vitest'
import { z } from 'zod'
import { SECTIONS } from '../../src/config/variables.ts'
import { DEFAULT_LIMITS } from '../../src/limits/table.ts'

/** `docs/configuration.md` is made from the schema: after a change, `npx vitest run test/config/documentation.test.ts -u` writes it anew. */
const INTRODUCTION = `# Configuration

Environment variables are all the configuration there is. They are read once, at the start; the server refuses to start on a value that it cannot
use, and names every such variable in one message. An empty variable is as good as none. Sizes are in bytes and times in milliseconds, unless the
name says otherwise.
`

function section(title: string, variables: Readonly<Record<string, z.ZodType>>): string {
  const rows = Object.entries(variables).map(
    ([name, schema]) => `| \`${name}\` | ${fallbackOf(schema)} | ${meaningOf(schema)} |`,
  )
  return [`## ${title}`, '', '| variable | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

function fallbackOf(schema: z.ZodType): string {
  const named = schema.meta()?.['fallback']
  if (typeof named === 'string') return named
  return schema instanceof z.ZodDefault ? `\`${String(schema.def.defaultValue)}\`` : 'none'
}

function meaningOf(schema: z.ZodType): string {
  return schema.description ?? ''
}

function rateLimitSection(): string {
  const rows = Object.entries(DEFAULT_LIMITS).map(
    ([event, limit]) => `| \`${event}\` | ${limit.tokens} | ${limit.perSeconds} | ${limit.burst} |`,
  )
  const text = `Each user has a bucket for each event. It holds \`burst\` tokens and gains \`tokens\` of them, evenly, in \`perSeconds\` seconds. A mutation
takes one; where there is none, it is refused with \`RATE_LIMITED\`, which says when the next one comes.`
  const head = ['| event | tokens | perSeconds | burst |', '| --- | --- | --- | --- |']
  return ['## Rate limits', '', text, '', ...head, ...rows, ''].join('\n')
}

it('has one row for every variable: name, default, meaning', async () => {
  const sections = Object.entries(SECTIONS).map(([title, variables]) => section(title, variables))
  const page = [INTRODUCTION, ...sections, rateLimitSection()].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md')
})

it('says what every variable means', () => {
  const schemas = Object.values(SECTIONS).flatMap(variables => Object.values<z.ZodType>(variables))
  expect(schemas.filter(schema => meaningOf(schema).length < 10)).toEqual([])
})
