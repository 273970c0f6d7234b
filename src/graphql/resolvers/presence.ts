import type { MutationResolvers, PresenceResolvers, QueryResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

export const presenceQueries = {
  presence: (_, { userIds }, { services, viewer }) => services.presence.get(viewer, userIds),
} satisfies QueryResolvers

export const presenceMutations = {
  updatePresence: async (_, { input }, { services, viewer }) => ({
    presence: await services.presence.update(viewer, input),
    userErrors: [],
  }),
} satisfies MutationResolvers

export const presenceTypes = {
  Presence: {
    user: presence => userSource(presence.userId),
  } satisfies PresenceResolvers,
}
