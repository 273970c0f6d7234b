import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The rooms of `src/`, each of which may import those after it and itself. */
const ORDER = [
  'transport',
  'graphql',
  'services',
  'stream',
  'auth',
  'limits',
  'presence',
  'bus',
  'store',
  'domain',
  'observe',
]

/** Files above the rooms: argv, environment, and the one place where everything is put together. */
const ROOF = ['cli.ts', 'config.ts', 'server.ts']
const ROOF_ROOMS = ['cli', 'config', 'server']

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts'))
  .map(path => path.replaceAll('\\', '/'))

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'(\.[^']+)'|import\('(\.[^']+)'\)|(?:^|\n)import\s+'(\.[^']+)'/g

function importsOf(path: string): readonly string[] {
  const text = readFileSync(join('src', path), 'utf8')
  return [...text.matchAll(IMPORT)].map(match => {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    return normalize(join(dirname(path), target)).replaceAll('\\', '/')
  })
}

const GRAPH = new Map(SOURCES.map(path => [path, importsOf(path)]))

function roomOf(path: string): string | undefined {
  return path.includes('/') ? path.split('/')[0] : undefined
}

describe('the house', () => {
  test('every folder of src is a room with a place in the order', () => {
    const rooms = new Set(SOURCES.flatMap(path => roomOf(path) ?? []))
    expect([...rooms].filter(room => !ORDER.includes(room) && !ROOF_ROOMS.includes(room))).toEqual([])
    const floating = SOURCES.filter(path => roomOf(path) === undefined && !ROOF.includes(path))
    expect(floating).toEqual([])
  })

  test('imports go down the list only', () => {
    const climbing = SOURCES.flatMap(path => {
      const room = roomOf(path)
      if (room === undefined || ROOF_ROOMS.includes(room)) return []
      const level = ORDER.indexOf(room)
      return importsOf(path)
        .filter(target => {
          const other = roomOf(target)
          return other === undefined || ORDER.indexOf(other) < level
        })
        .map(target => `${path} → ${target}`)
    })
    expect(climbing).toEqual([])
  })

  test('no file imports itself by any way round', () => {
    expect(findCircle()).toBeUndefined()
  })

  test('the graph that is checked is the real one', () => {
    expect(importsOf('store/create-store.ts')).toContain('store/log/writer.ts')
    expect(SOURCES.length).toBeGreaterThan(50)
  })

  test('SQL lives in store alone', () => {
    const strays = SOURCES.filter(path => roomOf(path) !== 'store').filter(path =>
      /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+[a-z"*]+\s+(FROM|SET|WHERE|\()/.test(
        readFileSync(join('src', path), 'utf8'),
      ),
    )
    expect(strays).toEqual([])
  })

  test('what the faults are judged by knows nothing of the server', () => {
    const files = readdirSync('test/faults', { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))
    const knowing = files.filter(path => /from\s*'[^']*\/src\//.test(readFileSync(join('test/faults', path), 'utf8')))
    expect(files.length).toBeGreaterThan(10)
    expect(knowing).toEqual([])
  })

  test('no room is a drawer: files are small and say what they hold', () => {
    const named = SOURCES.filter(path => /(^|\/)(utils?|helpers?|common|lib|managers?)(\.ts|\/)/.test(path))
    const long = SOURCES.filter(path => !path.endsWith('generated.ts')).filter(
      path => readFileSync(join('src', path), 'utf8').split('\n').length > 300,
    )
    expect({ named, long }).toEqual({ named: [], long: [] })
  })
})

function findCircle(): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const target of GRAPH.get(path) ?? []) {
      const circle = visit(target, [...trail, path])
      if (circle !== undefined) return circle
    }
    done.add(path)
    return undefined
  }
  for (const path of SOURCES) {
    const circle = visit(path, [])
    if (circle !== undefined) return circle
  }
  return undefined
}
