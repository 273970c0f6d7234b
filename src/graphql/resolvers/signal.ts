import type { MutationResolvers, SignalResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

export const signalMutations = {
  sendSignal: async (_, { input }, { services, viewer }) => ({
    signal: await services.signals.send(viewer, input),
    userErrors: [],
  }),
} satisfies MutationResolvers

export const signalTypes = {
  Signal: {
    from: signal => userSource(signal.fromId),
  } satisfies SignalResolvers,
}
