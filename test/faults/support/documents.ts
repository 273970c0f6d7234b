/** What is shown of things, the same in events as in queries. */
export const SHOWN = /* GraphQL */ `
  fragment ConversationShown on Conversation { id kind title metadata archivedAt }
  fragment MemberShown on Member { user { id } role joinedAt }
  fragment MessageShown on Message {
    id seq version content metadata clientMessageId createdAt editedAt deletedAt
    sender { id }
    mentions { id }
    replyTo { id }
  }
`
