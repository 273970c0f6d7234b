import { expect, test, vi } from 'vitest'
import { type CommandKind, command } from '../../../src/store/command.ts'
import { StatementError, UnavailableError } from '../../../src/store/database/database.ts'
import { createCommitter } from '../../../src/store/log/committer.ts'
import { createTenantWriter } from '../../../src/store/log/writer.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { queueOf, settled, slowDatabase } from './slow-database.ts'

/** Says who says it. */
const say: CommandKind<string, string> = {
  name: 'say',
  setBased: true,
  actor: who => who,
  bytes: () => 1,
  statement: (tenantId, who) => ({ name: `of ${tenantId}`, text: '', values: who }),
  read: (_, who) => ({ result: who, events: [], receipts: [] }),
}

function opened(writers = 8) {
  const { database, underWay } = slowDatabase(writers)
  const clock = createManualClock()
  const committer = createCommitter(database, { clock })
  const writer = createTenantWriter(committer, 'acme', { onCommit() {}, onDoubt() {} })
  const told: string[] = []
  return {
    committer,
    clock,
    underWay,
    told,
    /** They come, and what can leave leaves. */
    async come(...people: readonly string[]) {
      for (const who of people) {
        void writer.submit(command(say, who)).then(
          said => told.push(`${said}`),
          () => told.push(`not ${who}`),
        )
      }
      await settled()
    },
    /** Whose command each transaction carries. */
    sent: () =>
      underWay.map(({ statements }) => statements.flatMap(({ name, values }) => (name === 'of acme' ? values : []))),
  }
}

const people = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `${from + n}`)

test('the next batch leaves behind the one under way, on its pipeline, once nine tenths of that one wait', async () => {
  const { come, sent, underWay } = opened()
  await come(...people(50))
  await come(...people(44, 100))
  expect(sent()).toEqual([people(50)])
  await come('144')
  expect(sent()).toEqual([people(50), people(45, 100)])
  expect(underWay[1]?.pipeline).toBe(underWay[0]?.pipeline)
})

test('what one batch does not hold follows it at once', async () => {
  const { come, sent } = opened()
  await come(...people(1_024))
  expect(sent()).toEqual([people(512), people(512, 512)])
})

test('a few wait until the one under way is answered, however small it is', async () => {
  const { clock, come, sent, underWay } = opened()
  await come('0')
  await come(...people(31, 1))
  expect(sent()).toEqual([['0']])
  underWay[0]?.answer()
  await settled()
  clock.advance(2)
  await settled()
  expect(sent()).toEqual([['0'], people(31, 1)])
  expect(underWay[1]?.pipeline).not.toBe(underWay[0]?.pipeline)
})

test('two are under way at most, and the third follows the second once enough have come since that began', async () => {
  const { come, sent, underWay, told } = opened()
  await come(...people(40))
  await come(...people(40, 40))
  await come(...people(40, 80))
  underWay[0]?.answer()
  await settled()
  await come(...people(35, 120))
  expect(told).toEqual(people(40))
  expect(sent()).toEqual([people(40), people(40, 40)])
  await come('155')
  expect(sent()).toEqual([people(40), people(40, 40), people(76, 80)])
  expect(underWay[2]?.pipeline).toBe(underWay[0]?.pipeline)
})

test('whoever has a command in the one ahead has none in the one behind', async () => {
  const { come, sent, underWay } = opened()
  await come(...people(40))
  await come('7', ...people(36, 100), '100', '8')
  expect(sent()).toEqual([people(40), [...people(36, 100), '100']])
  underWay[0]?.answer()
  await settled()
  expect(sent()).toHaveLength(2)
  underWay[1]?.answer()
  await settled()
  expect(sent()[2]).toEqual(['7', '8'])
})

test('where too few of those who wait may follow, none leaves before as many have come again', async () => {
  const { come, sent } = opened()
  await come(...people(40))
  await come(...people(20), ...people(20, 100))
  await come(...people(35, 120))
  expect(sent()).toEqual([people(40)])
  await come('155')
  expect(sent()).toEqual([people(40), people(56, 100)])
})

test('nobody follows while another tenant waits', async () => {
  const { committer, come, underWay } = opened(1)
  await come(...people(40))
  committer.lineUp(queueOf('other').queue)
  await come(...people(40, 40))
  expect(underWay).toHaveLength(1)
  underWay[0]?.answer()
  await settled()
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['acme'], ['acme', 'other']])
})

test('a batch behind another one keeps no other tenant from its own transaction', async () => {
  const { committer, come, underWay } = opened()
  await come(...people(40))
  await come(...people(40, 40))
  committer.lineUp(queueOf('other').queue)
  await settled()
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['acme'], ['acme'], ['other']])
})

test('of a refused batch the halves follow the one behind it, and everyone is told in the order of the commits', async () => {
  const { come, sent, underWay, told } = opened()
  await come(...people(40))
  await come(...people(40, 40))
  underWay[0]?.refuse(new StatementError('22000', 'no'))
  await settled()
  expect(sent()).toHaveLength(2)
  for (const nth of [1, 2, 3]) {
    underWay[nth]?.answer()
    await settled()
  }
  expect(sent().slice(2)).toEqual([people(20), people(20, 20)])
  expect(told).toEqual([...people(40, 40), ...people(20), ...people(20, 20)])
})

test('where both batches are refused, their halves go one after the other', async () => {
  const { come, sent, underWay, told } = opened()
  await come(...people(40))
  await come(...people(40, 40))
  for (const nth of [0, 1]) underWay[nth]?.refuse(new StatementError('22000', 'no'))
  await settled()
  for (let nth = 2; nth < 6; nth++) {
    expect(sent()).toHaveLength(nth + 1)
    underWay[nth]?.answer()
    await settled()
  }
  expect(told).toEqual(sent().slice(2).flat())
  expect(told.toSorted()).toEqual(people(80).toSorted())
})

test('nobody follows a half of a refused batch', async () => {
  const { come, sent, underWay } = opened()
  await come(...people(80))
  underWay[0]?.refuse(new StatementError('22000', 'no'))
  await settled()
  await come(...people(80, 80))
  expect(sent()).toEqual([people(80), people(40)])
  underWay[1]?.answer()
  await settled()
  expect(sent()[2]).toEqual(people(40, 40))
  underWay[2]?.answer()
  await settled()
  expect(sent()[3]).toEqual(people(80, 80))
})

test('a batch is held up from when the one ahead is answered', async () => {
  const { committer, clock, come, underWay } = opened(3)
  await come(...people(40))
  await come(...people(40, 40))
  clock.advance(40)
  underWay[0]?.answer()
  await settled()
  committer.lineUp(queueOf('b').queue)
  await settled()
  clock.advance(49)
  committer.lineUp(queueOf('c').queue)
  await settled()
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['acme'], ['acme'], ['b']])
  clock.advance(1)
  await settled()
  expect(underWay).toHaveLength(4)
})

test('others who wait are not refused for the silence of one connection while they are answered on others', async () => {
  const { committer, come, underWay, told } = opened(2)
  await come(...people(40))
  await come(...people(40, 40))
  committer.lineUp(queueOf('b').queue)
  await settled()
  const waiting = queueOf('c')
  const refuse = vi.spyOn(waiting.queue, 'refuse')
  committer.lineUp(waiting.queue)
  await settled()
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['acme'], ['acme'], ['b']])
  const error = new UnavailableError('no answer', { silent: true })
  // All in one turn: whoever waits has not left when it comes to that.
  underWay[2]?.answer()
  underWay[0]?.refuse(error)
  underWay[1]?.refuse(error)
  await settled()
  expect(told).toHaveLength(80)
  expect(refuse).not.toHaveBeenCalled()
})

test('when the database falls silent both are refused, and who waits with them', async () => {
  const { committer, come, underWay, told } = opened()
  await come(...people(40))
  await come(...people(40, 40))
  await come(...people(10, 80))
  const error = new UnavailableError('no answer', { silent: true })
  underWay[0]?.refuse(error)
  underWay[1]?.refuse(error)
  await settled()
  expect(told.toSorted()).toEqual(
    people(90)
      .map(who => `not ${who}`)
      .toSorted(),
  )
  expect(committer.busy).toBe(false)
  await come('again')
  underWay[2]?.answer()
  await settled()
  expect(told.at(-1)).toBe('again')
})
