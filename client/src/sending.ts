/** What goes into a sender and comes out of it. */

/** Runs one operation by whatever the application has: fetch, Apollo Client, urql, graphql-ws. Rejects, or resolves with `error` or `errors`, when it fails. */
export type Execute = (request: SendRequest, signal: AbortSignal | undefined) => Promise<Executed>

export interface SendRequest {
  readonly query: string
  readonly variables: { readonly input: Readonly<Record<string, unknown>> }
}

/** GraphQL's own answer, or that of Apollo Client or urql. */
export interface Executed {
  readonly data?: unknown
  readonly errors?: unknown
  readonly error?: unknown
}

/** As `SendMessageInput` or `SendDirectMessageInput` of the schema. `clientMessageId`: of a message that was tried before; else one is made. */
export type SendInput = (
  | { readonly conversationId: string; readonly userIds?: undefined }
  | { readonly userIds: readonly string[]; readonly conversationId?: undefined }
) & {
  readonly content: string
  readonly clientMessageId?: string
  readonly replyToId?: string
  readonly mentions?: readonly string[]
  readonly metadata?: unknown
}

export interface SentMessage {
  readonly id: string
  readonly conversationId: string
  readonly seq: number
  readonly clientMessageId: string | null
  readonly createdAt: string
}

export interface UserError {
  readonly code: string
  readonly message: string
  readonly field: readonly string[] | null
}

/** The server's answer: the message, or why it does not take it. */
export type SendPayload<Message> =
  | { readonly message: Message; readonly position: string; readonly userErrors: readonly [] }
  | { readonly message: null; readonly position: null; readonly userErrors: readonly UserError[] }

export type Sent<Message> = SendPayload<Message> & { readonly clientMessageId: string }

export interface SendOptions {
  /** Gives up waiting. What is on its way may be stored all the same. */
  readonly signal?: AbortSignal
  /** An attempt failed and the next comes in `pauseMs` milliseconds. */
  readonly onRetry?: (failure: unknown, pauseMs: number) => void
}
