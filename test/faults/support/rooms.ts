import type { Address } from './addresses.ts'
import { type Ask, askOverHttp } from './asking.ts'

/** A member of every room, from the first event on: whoever reads the log as this user reads all of it. */
export const AUDITOR = 'auditor'

export interface Rooms {
  readonly ids: readonly string[]
  /** As the auditor. */
  readonly audit: Ask
  /** Where the log stood before the first room. */
  readonly start: string
}

/** Makes a room for each list of members, who need not have been there before, of which the auditor is one too. */
export async function createRooms(url: Address, members: readonly (readonly string[])[]): Promise<Rooms> {
  const audit = await askOverHttp(url, AUDITOR)
  const { viewer } = await audit<{ readonly viewer: { readonly position: string } }>('{ viewer { position } }')
  await introduce(url, [...new Set(members.flat())])
  const ids: string[] = []
  for (const memberIds of members) ids.push(await createRoom(audit, memberIds))
  return { ids, audit, start: viewer.position }
}

/** Users exist from their first request on. */
async function introduce(url: Address, userIds: readonly string[]): Promise<void> {
  for (let index = 0; index < userIds.length; index += 50) {
    const some = userIds.slice(index, index + 50)
    await Promise.all(some.map(async id => (await askOverHttp(url, id))('{ viewer { tenantId } }')))
  }
}

async function createRoom(ask: Ask, memberIds: readonly string[]): Promise<string> {
  const query = /* GraphQL */ `
    mutation Create($memberIds: [ID!]) {
      createConversation(input: { kind: GROUP, memberIds: $memberIds }) { conversation { id } userErrors { code } }
    }
  `
  type Made = { readonly createConversation: { readonly conversation: { readonly id: string } | null } }
  const { conversation } = (await ask<Made>(query, { memberIds })).createConversation
  if (conversation === null) throw new Error('no room was made')
  return conversation.id
}
