import { expect, test, vi } from 'vitest'
import { type CommandKind, command } from '../../../src/store/command.ts'
import { createTenantWriter } from '../../../src/store/log/writer.ts'

const nothing: CommandKind<null, null> = {
  name: 'nothing',
  setBased: false,
  actor: () => 'alice',
  bytes: () => 1,
  statement: () => ({ name: 'nothing', text: '', values: [] }),
  read: () => ({ result: null, events: [], receipts: [] }),
}

test('it lines up once, and has itself looked at for each command that comes while it stands there', () => {
  const committer = { busy: false, lineUp: vi.fn(), look: vi.fn() }
  const writer = createTenantWriter(committer, 'acme', { onCommit() {}, onDoubt() {} })
  for (let n = 0; n < 3; n++) void writer.submit(command(nothing, null))
  expect(committer.lineUp).toHaveBeenCalledOnce()
  expect(committer.look).toHaveBeenCalledTimes(2)
})
