import type { CodegenConfig } from '@graphql-codegen/cli'

const records = '../domain/records.ts'
const services = '../services/services.ts'
const json = '../domain/json.ts#Json'
const cursor = '../domain/position.ts#Cursor'

/** What stands behind the objects that a resolver is handed; what is not named here is shown as the schema shapes it. */
const mappers = {
  User: './sources.ts#UserSource',
  Conversation: './sources.ts#ConversationSource',
  Message: './sources.ts#MessageSource',
  Member: `${records}#MemberRecord`,
  Receipt: `${records}#ReceiptRecord`,
  Presence: `${records}#PresenceRecord`,
  Signal: `${records}#SignalRecord`,
  TypingState: `${records}#TypingRecord`,
  ReadReceipt: `${services}#ReadReceiptRecord`,
  DeliveryReceipt: `${services}#DeliveryRecord`,
  Viewer: '../domain/viewer.ts#Viewer as ViewerSource',
  StreamEvent: '../domain/event.ts#StreamItem',
  ConversationEvent: './sources.ts#EventItem',
  MessageSent: './sources.ts#EventItem',
  MessageEdited: './sources.ts#EventItem',
  MessageDeleted: './sources.ts#EventItem',
  MemberJoined: './sources.ts#EventItem',
  MemberLeft: './sources.ts#EventItem',
  MemberUpdated: './sources.ts#EventItem',
  ConversationCreated: './sources.ts#EventItem',
  ConversationUpdated: './sources.ts#EventItem',
  CaughtUp: './sources.ts#CaughtUpItem',
  ResyncRequired: './sources.ts#ResyncItem',
  AccessRevoked: './sources.ts#RevokedItem',
}

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/graphql/generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        immutableTypes: true,
        federation: false,
        avoidOptionals: { field: true, inputValue: false, defaultValue: true },
        contextType: './context.ts#Context',
        mappers,
        scalars: {
          ID: 'string',
          DateTime: { input: 'Date', output: 'Date' },
          JSON: { input: json, output: json },
          Position: { input: cursor, output: cursor },
        },
      },
    },
  },
}

export default config
