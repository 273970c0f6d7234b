import type {
  DeliveryReceiptResolvers,
  MutationResolvers,
  ReadReceiptResolvers,
  ReceiptResolvers,
} from '../generated.ts'
import { seenMessage, userSource } from '../sources.ts'

export const receiptMutations = {
  markDelivered: async (_, { input }, { services, viewer }) => ({
    member: await services.receipts.markDelivered(viewer, input),
    userErrors: [],
  }),
  markRead: async (_, { input }, { services, viewer }) => ({
    member: await services.receipts.markRead(viewer, input),
    userErrors: [],
  }),
  reportDeliveryFailure: async (_, { input }, { services, viewer }) => ({
    message: seenMessage(await services.receipts.reportFailure(viewer, input)),
    userErrors: [],
  }),
} satisfies MutationResolvers

export const receiptTypes = {
  Receipt: {
    user: receipt => userSource(receipt.userId),
  } satisfies ReceiptResolvers,
  ReadReceipt: {
    user: receipt => userSource(receipt.userId),
  } satisfies ReadReceiptResolvers,
  DeliveryReceipt: {
    user: receipt => (receipt.userId === null ? null : userSource(receipt.userId)),
  } satisfies DeliveryReceiptResolvers,
}
