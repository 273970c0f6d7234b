import type { MemberResolvers, MutationResolvers } from '../generated.ts'
import { seenConversation, userSource } from '../sources.ts'

export const memberMutations = {
  joinConversation: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.members.join(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
  leaveConversation: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.members.leave(viewer, input)
    return { conversation: thing && seenConversation(thing), position, userErrors: [] }
  },
  addMembers: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.members.add(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
  removeMember: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.members.remove(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
  updateMember: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.members.update(viewer, input)
    return { member: thing, position, userErrors: [] }
  },
} satisfies MutationResolvers

export const memberTypes = {
  Member: {
    user: member => userSource(member.userId),
  } satisfies MemberResolvers,
}
