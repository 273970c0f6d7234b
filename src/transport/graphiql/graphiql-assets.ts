import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { GRAPHIQL_CSS, GRAPHIQL_SCRIPT } from './graphiql-page.ts'

export interface Asset {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  readonly zipped: Buffer
}

/** What the page loads, each made when it is first asked for: nine megabytes that most processes never need. */
export interface GraphiqlAssets {
  find(name: string): Promise<Asset | undefined>
}

const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'

/** The file of graphql-ws that its client shares with its server; its name changes with each release. */
const SHARED = /^common-[\w-]+\.js$/

export function createGraphiqlAssets(): GraphiqlAssets {
  const made = new Map<string, Promise<Asset | undefined>>()

  return {
    find(name) {
      const known = made.get(name)
      if (known !== undefined) return known
      const asset = make(name)
      made.set(name, asset)
      const forget = () => made.delete(name)
      // Guesses take no memory, and what failed may be had the next time.
      asset.then(found => found ?? forget(), forget)
      return asset
    },
  }
}

const bundle = () => import('@graphql-yoga/render-graphiql/graphiql')

const SOURCES: Readonly<Record<string, { readonly type: string; read(): Promise<string | Buffer> }>> = {
  'page.js': { type: SCRIPT, read: async () => GRAPHIQL_SCRIPT },
  'page.css': { type: STYLE, read: async () => GRAPHIQL_CSS },
  'graphiql.js': { type: SCRIPT, read: async () => (await bundle()).js },
  'graphiql.css': { type: STYLE, read: async () => (await bundle()).css },
  'editorWorkerService.js': { type: SCRIPT, read: async () => (await bundle()).editorWorkerService },
  'json.js': { type: SCRIPT, read: async () => (await bundle()).jsonWorker },
  'graphql.js': { type: SCRIPT, read: async () => (await bundle()).graphqlWorker },
  'client.js': { type: SCRIPT, read: () => readFile(fromClient('client.js')) },
}

async function make(name: string): Promise<Asset | undefined> {
  const source = Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined
  if (source !== undefined) return toAsset(source.type, await source.read())
  if (!SHARED.test(name)) return undefined
  const text = await readFile(fromClient(name)).catch(() => undefined)
  return text === undefined ? undefined : toAsset(SCRIPT, text)
}

async function toAsset(type: string, content: string | Buffer): Promise<Asset> {
  const plain = Buffer.from(content)
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { type, etag, plain, zipped: await promisify(gzip)(plain) }
}

function fromClient(name: string): string {
  return fileURLToPath(new URL(name, import.meta.resolve('graphql-ws/client')))
}
