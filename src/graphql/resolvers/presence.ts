import { RequestError } from '../../domain/errors.ts'
import type { MutationResolvers, PresenceResolvers, QueryResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

/** The most users whose presence one field may ask for. */
const MAX_USERS = 100

export const presenceQueries = {
  presence: (_, { userIds }, { services, viewer }) => {
    checkUsers(userIds)
    return services.presence.get(viewer, userIds)
  },
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

/** Throws `RequestError` BAD_USER_INPUT above the limit. */
export function checkUsers(userIds: readonly string[]): void {
  if (userIds.length > MAX_USERS) throw new RequestError('BAD_USER_INPUT', `At most ${MAX_USERS} users at once.`)
}
