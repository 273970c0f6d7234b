import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { assertValidSchema, type GraphQLSchema } from 'graphql'
import type { Limiter } from '../limits/limiter.ts'
import { applyAllowance } from './allowance.ts'
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from './generated.ts'
import { applyLimits } from './limits.ts'
import { applyPayloads } from './payloads.ts'
import { conversationMutations, conversationQueries, conversationTypes } from './resolvers/conversation.ts'
import { memberMutations, memberTypes } from './resolvers/member.ts'
import { messageMutations, messageQueries, messageTypes } from './resolvers/message.ts'
import { presenceMutations, presenceQueries, presenceTypes } from './resolvers/presence.ts'
import { receiptMutations, receiptTypes } from './resolvers/receipt.ts'
import { sessionMutations } from './resolvers/session.ts'
import { signalMutations, signalTypes } from './resolvers/signal.ts'
import { streamQueries, streamTypes } from './resolvers/stream.ts'
import { typingMutations, typingTypes } from './resolvers/typing.ts'
import { userQueries, userTypes } from './resolvers/user.ts'
import { viewerQueries, viewerTypes } from './resolvers/viewer.ts'
import { dateTime, json, position } from './scalars.ts'
import { applyViewer } from './viewer-fields.ts'

/** At the package's root, two levels above this file from src/ and dist/ alike. */
const DIRECTORY = new URL('../../schema/', import.meta.url)

const queries: Required<QueryResolvers> = {
  ...viewerQueries,
  ...userQueries,
  ...conversationQueries,
  ...messageQueries,
  ...presenceQueries,
  ...streamQueries,
}

const mutations: Required<MutationResolvers> = {
  ...conversationMutations,
  ...memberMutations,
  ...messageMutations,
  ...receiptMutations,
  ...typingMutations,
  ...presenceMutations,
  ...signalMutations,
  ...sessionMutations,
}

/** A subscription is executed on what its stream says: the root value is the field. */
const shown = { resolve: (source: unknown) => source }
const subscriptions: Record<keyof SubscriptionResolvers, typeof shown> = {
  inbox: shown,
  conversationEvents: shown,
  typing: shown,
  readReceipts: shown,
  deliveries: shown,
  presence: shown,
  signals: shown,
}

/** The public schema's text, file by file in the order of their names. */
export function readTypeDefs(): string {
  const files = readdirSync(DIRECTORY).filter(file => file.endsWith('.graphql'))
  return files
    .sort()
    .map(file => readFileSync(new URL(file, DIRECTORY), 'utf8'))
    .join('\n')
}

/** The schema as it is served. Throws when it breaks one of its own rules: `applyLimits`, `applyPayloads`, `applyViewer`. */
export function createSchema(limiter: Limiter): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: readTypeDefs(),
    resolvers: {
      DateTime: dateTime,
      JSON: json,
      Position: position,
      Query: queries,
      Mutation: mutations,
      Subscription: subscriptions,
      ...viewerTypes,
      ...userTypes,
      ...conversationTypes,
      ...memberTypes,
      ...messageTypes,
      ...receiptTypes,
      ...streamTypes,
      ...typingTypes,
      ...presenceTypes,
      ...signalTypes,
    },
    resolverValidationOptions: { requireResolversToMatchSchema: 'error', requireResolversForResolveType: 'error' },
  })
  applyViewer(schema)
  applyPayloads(schema)
  applyLimits(schema, limiter)
  applyAllowance(schema)
  assertValidSchema(schema)
  return schema
}
