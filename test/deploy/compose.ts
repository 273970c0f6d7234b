import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const Service = z.object({
  image: z.string(),
  build: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  stop_grace_period: z.string().optional(),
})

const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
})

export type Compose = z.infer<typeof Compose>

/** `compose.yaml` as an engine would read it with `env` as its environment. Throws where that is refused. */
export function readCompose(env: Readonly<Record<string, string>>): Compose {
  const tree: unknown = parse(readFileSync('compose.yaml', 'utf8'), { merge: true })
  return Compose.parse(interpolated(tree, env))
}

/** The environment of each service of that image. */
export function environmentsOf({ services }: Compose, image: string): Record<string, Record<string, string>> {
  const ours = Object.entries(services).filter(([, service]) => service.image === image)
  return Object.fromEntries(ours.map(([name, { environment }]) => [name, environment]))
}

function interpolated(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return substituted(value, env)
  if (Array.isArray(value)) return value.map(item => interpolated(item, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, interpolated(inner, env)]))
}

/** `${NAME}`, `${NAME:-otherwise}` and `${NAME:?why it is needed}`; an empty variable is as good as none. */
function substituted(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, how?: string, rest?: string) => {
    const value = env[name] || undefined
    if (value === undefined && how === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`)
    return value ?? (how === '-' ? (rest ?? '') : '')
  })
}
