import { Refusal } from '../../domain/errors.ts'
import type { MutationResolvers } from '../generated.ts'

export const sessionMutations = {
  refreshSession: async (_, { input }, { session }) => {
    if (session === null) throw new Refusal('NO_SESSION', 'Only an open socket has a session to refresh.')
    const viewer = await session.refresh(input.token)
    return { expiresAt: new Date(viewer.expiresAt), userErrors: [] }
  },
  revokeSessions: async (_, { input }, { services, viewer }) => ({
    revokedAt: await services.sessions.revoke(viewer, input),
    userErrors: [],
  }),
} satisfies MutationResolvers
