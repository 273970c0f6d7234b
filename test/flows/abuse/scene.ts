import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { type Line, openLine } from './ways.ts'

/** A server, alice whose requests are abuse, and bob with whom she shares a group. */
export interface Scene {
  readonly server: TestServer
  readonly alice: Person
  readonly bob: Person
  readonly group: string
  /** Begins a test. */
  begin(): Promise<Attempt>
  close(): Promise<void>
}

export interface Attempt {
  /** Alice's, gone with the test. */
  readonly line: Line
  /** Nothing has been written since the test began, and the socket's other operations still go on. */
  expectUnharmed(): Promise<void>
}

export async function openScene(): Promise<Scene> {
  const server = await startTestServer()
  const alice = await server.person('alice')
  const bob = await server.person('bob')
  await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
  const group = await say.createGroup(alice, ['bob'])
  await say.send(alice, group, 'before all')
  return {
    server,
    alice,
    bob,
    group,
    async begin() {
      const line = await openLine(server, alice)
      const before = await say.look(alice)
      return {
        line,
        async expectUnharmed() {
          expect(await say.look(alice)).toEqual(before)
          const answer = await line.ask({ query: '{ viewer { user { id } } }' })
          expect(answer).toEqual({ data: { viewer: { user: { id: 'alice' } } } })
          const text = randomUUID()
          await say.send(bob, group, text)
          await line.hears(text)
        },
      }
    },
    close: () => server.close(),
  }
}
