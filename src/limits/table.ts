import type { Limit } from './limiter.ts'

/** Every event that the schema's `@limit` may name. */
export const LIMITED_EVENTS = [
  'message:send',
  'message:typing',
  'message:edit',
  'message:delete',
  'conversation:join',
  'conversation:create',
  'conversation:update',
  'conversation:leave',
  'member:update',
  'message:delivered',
  'message:read',
  'presence:update',
  'signal:send',
  'session:refresh',
  'session:revoke',
] as const

export type LimitedEvent = (typeof LIMITED_EVENTS)[number]
export type Limits = Readonly<Record<LimitedEvent, Limit>>

/** The first five are promised to clients. The others are there to stop a runaway client, and no user should ever meet them. */
export const DEFAULT_LIMITS: Limits = {
  'message:send': { tokens: 10, perSeconds: 60, burst: 10 },
  'message:typing': { tokens: 5, perSeconds: 10, burst: 5 },
  'message:edit': { tokens: 3, perSeconds: 60, burst: 3 },
  'message:delete': { tokens: 3, perSeconds: 60, burst: 3 },
  'conversation:join': { tokens: 20, perSeconds: 60, burst: 20 },
  'conversation:create': { tokens: 30, perSeconds: 60, burst: 30 },
  'conversation:update': { tokens: 60, perSeconds: 60, burst: 60 },
  'conversation:leave': { tokens: 60, perSeconds: 60, burst: 60 },
  'member:update': { tokens: 60, perSeconds: 60, burst: 60 },
  'message:delivered': { tokens: 600, perSeconds: 60, burst: 600 },
  'message:read': { tokens: 600, perSeconds: 60, burst: 600 },
  'presence:update': { tokens: 60, perSeconds: 60, burst: 60 },
  'signal:send': { tokens: 1200, perSeconds: 60, burst: 600 },
  'session:refresh': { tokens: 30, perSeconds: 60, burst: 30 },
  'session:revoke': { tokens: 600, perSeconds: 60, burst: 600 },
}

/** Buckets are forgotten after so long without use: none may take longer to fill. Seconds. */
export const FORGET_AFTER_SECONDS = 1800

/** Seconds from empty to full. */
export function fillSeconds({ tokens, perSeconds, burst }: Limit): number {
  return (burst * perSeconds) / tokens
}
