import type { MutationResolvers, TypingStateResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

export const typingMutations = {
  setTyping: async (_, { input }, { services, viewer }) => ({
    expiresAt: await services.typing.set(viewer, input),
    userErrors: [],
  }),
} satisfies MutationResolvers

export const typingTypes = {
  TypingState: {
    user: typing => userSource(typing.userId),
  } satisfies TypingStateResolvers,
}
