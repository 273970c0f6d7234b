import { z } from 'zod'
import { DEFAULT_LIMITS, FORGET_AFTER_SECONDS, fillSeconds, LIMITED_EVENTS, type Limits } from '../limits/table.ts'
import { parseJson } from './value.ts'

const count = z.int().min(1).max(1_000_000)

const limit = z
  .strictObject({ tokens: count, perSeconds: count, burst: count })
  .refine(value => fillSeconds(value) <= FORGET_AFTER_SECONDS)

const overrides = z.partialRecord(z.enum(LIMITED_EVENTS), limit)

const EXAMPLE = '{"message:send": {"tokens": 10, "perSeconds": 60, "burst": 10}}'
const MESSAGE =
  `must be off, or JSON such as ${EXAMPLE} with whole numbers from 1 to 1000000, of known events, ` +
  `and none that takes longer than ${FORGET_AFTER_SECONDS} s to fill`

/** The table with what the text puts over it, or `off`. */
export function rateLimits() {
  return z
    .string()
    .transform((text, context): Limits | 'off' => {
      if (text === 'off') return 'off'
      const parsed = overrides.safeParse(parseJson(text))
      if (parsed.success) return { ...DEFAULT_LIMITS, ...said(parsed.data) }
      context.addIssue({ code: 'custom', message: MESSAGE })
      return z.NEVER
    })
    .default(DEFAULT_LIMITS)
}

function said(data: z.infer<typeof overrides>): Partial<Limits> {
  const partial: { -readonly [Event in keyof Limits]?: Limits[Event] } = {}
  for (const event of LIMITED_EVENTS) {
    const value = data[event]
    if (value !== undefined) partial[event] = value
  }
  return partial
}
