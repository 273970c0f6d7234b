import { randomUUID } from 'node:crypto'
import type { Person } from './server.ts'

/** The mutations of a conversation, as tests say them. Each throws when the server refuses. */

async function done<Data>(person: Person, query: string, variables: Record<string, unknown>): Promise<Data> {
  const { data, errors } = await person.ask(query, variables)
  const refused = Object.values(data ?? {}).flatMap(payload => userErrorsOf(payload))
  if (errors !== undefined || refused.length > 0) throw new Error(JSON.stringify(errors ?? refused))
  return data as Data
}

function userErrorsOf(payload: unknown): readonly unknown[] {
  if (typeof payload !== 'object' || payload === null || !('userErrors' in payload)) return []
  return Array.isArray(payload.userErrors) ? payload.userErrors : []
}

/** A mutation of one input, whose payload is asked for nothing but its errors. */
function act(field: string) {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`
  const query = `mutation Act($input: ${type}) { ${field}(input: $input) { userErrors { code message field } } }`
  return (person: Person, input: Record<string, unknown>) => done(person, query, { input })
}

export async function createGroup(person: Person, memberIds: readonly string[]): Promise<string> {
  const query = /* GraphQL */ `
    mutation Create($memberIds: [ID!]) {
      createConversation(input: { kind: GROUP, memberIds: $memberIds }) { conversation { id } userErrors { code } }
    }
  `
  type Made = { readonly createConversation: { readonly conversation: { readonly id: string } } }
  return (await done<Made>(person, query, { memberIds })).createConversation.conversation.id
}

/** Returns the message's id. */
export async function send(person: Person, conversationId: string, content: string): Promise<string> {
  const query = /* GraphQL */ `
    mutation Send($input: SendMessageInput!) {
      sendMessage(input: $input) { message { id } userErrors { code } }
    }
  `
  type Sent = { readonly sendMessage: { readonly message: { readonly id: string } } }
  const input = { conversationId, content, clientMessageId: randomUUID() }
  return (await done<Sent>(person, query, { input })).sendMessage.message.id
}

export const edit = (person: Person, messageId: string, content: string) =>
  act('editMessage')(person, { messageId, content })
export const remove = (person: Person, messageId: string) => act('deleteMessage')(person, { messageId })
export const rename = (person: Person, conversationId: string, title: string) =>
  act('updateConversation')(person, { conversationId, title })
export const setRole = (person: Person, conversationId: string, userId: string, role: string) =>
  act('updateMember')(person, { conversationId, userId, role })
export const removeMember = (person: Person, conversationId: string, userId: string) =>
  act('removeMember')(person, { conversationId, userId })
export const leave = (person: Person, conversationId: string) => act('leaveConversation')(person, { conversationId })
export const markRead = (person: Person, messageId: string) => act('markRead')(person, { messageId })
export const markDelivered = (person: Person, messageId: string) => act('markDelivered')(person, { messageId })
export const reportFailure = (person: Person, messageId: string, reason: string) =>
  act('reportDeliveryFailure')(person, { messageId, reason })
export const type = (person: Person, conversationId: string) =>
  act('setTyping')(person, { conversationId, isTyping: true })
export const signal = (person: Person, conversationId: string, kind: string, toUserId: string | null = null) =>
  act('sendSignal')(person, { conversationId, toUserId, type: kind, payload: { kind } })

/** Where the person's log stands. */
export const look = (person: Person) =>
  done<{ readonly viewer: { readonly position: string } }>(person, '{ viewer { position } }', {})

export function history(person: Person, conversationId: string) {
  const query = /* GraphQL */ `
    query History($conversationId: ID!) {
      conversation(id: $conversationId) { position messages(last: 50) { nodes { content } } }
    }
  `
  type Read = {
    readonly conversation: {
      readonly position: string
      readonly messages: { readonly nodes: readonly { readonly content: string }[] }
    }
  }
  return done<Read>(person, query, { conversationId })
}
