import { z } from 'zod'
import type { RetentionRule } from '../store/store.ts'
import { parseJson } from './value.ts'

/** A limit as a variable says it: 0 is none. */
const limit = z.int().min(0).max(2_147_483_647)

const rules = z.record(z.string(), z.strictObject({ seconds: limit.optional(), events: limit.optional() }))

export type TenantRules = z.infer<typeof rules>

const EXAMPLE = '{"acme": {"seconds": 31536000, "events": 0}}'

/** JSON by tenant. */
export function tenantRules() {
  return z.string().transform((text, context): TenantRules => {
    const parsed = rules.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: `must be JSON such as ${EXAMPLE} with whole numbers` })
    return z.NEVER
  })
}

export function retentionRule(seconds: number, events: number): RetentionRule {
  return { maxAgeMs: seconds === 0 ? null : seconds * 1_000, maxEvents: events === 0 ? null : events }
}
