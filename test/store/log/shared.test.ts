import { expect, test, vi } from 'vitest'
import type { Owned } from '../../../src/store/command.ts'
import type { Row } from '../../../src/store/database/database.ts'
import type { Together } from '../../../src/store/log/batch.ts'
import { shareTransaction } from '../../../src/store/log/shared.ts'
import type { Turn } from '../../../src/store/log/turn.ts'

const own = (name: string) => ({ name, text: '', values: [] })

function kind(name: string): Together['statement'] {
  return inputs => ({ name, text: '', values: [inputs] })
}

function turn(tenantId: string, together?: Together): Turn {
  const statements = () => [own(`name ${tenantId}`), own(`lock ${tenantId}`), own(`do ${tenantId}`)]
  const what = { tenantId, commands: 1, bytes: 1, actors: () => new Set<string>(), together, statements }
  return { ...what, accept() {}, fail() {}, halves: () => [] }
}

const names = (turns: readonly Turn[]) => shareTransaction(turns).statements.map(({ name }) => name)
const BEGIN = ['patience', 'as_tenants', 'locked_heads']

test('those who can go together have one statement for each kind, with the inputs of all in their order', () => {
  const [send, wave] = [kind('send'), kind('wave')]
  const turns = [
    turn('a', { inputs: [1, 2], statement: send }),
    turn('b', { inputs: [3], statement: wave }),
    turn('c', { inputs: [4], statement: send }),
  ]
  const { statements } = shareTransaction(turns)
  expect(statements.map(({ name }) => name)).toEqual([...BEGIN, 'send', 'wave'])
  const inputs = statements.slice(BEGIN.length).map(({ values }) => values[0])
  const of = (tenantId: string, input: number): Owned<number> => ({ tenantId, input })
  expect(inputs).toEqual([[of('a', 1), of('a', 2), of('c', 4)], [of('b', 3)]])
})

test('everybody is named and locked first, in the order of the turns, and the others follow by their own names', () => {
  const turns = [turn('a'), turn('b', { inputs: [1], statement: kind('send') }), turn('c')]
  const { statements } = shareTransaction(turns)
  expect(statements.map(({ name }) => name)).toEqual([
    ...BEGIN,
    ...['send', 'name a', 'lock a', 'do a', 'name c', 'lock c', 'do c'],
  ])
  for (const { values } of statements.slice(1, BEGIN.length)) expect(values).toEqual([['a', 'b', 'c']])
})

test('a tenant’s second turn comes after its first, and sees where that has put the head', () => {
  const together = { inputs: [1], statement: kind('send') }
  expect(names([turn('a', together), turn('a', together)])).toEqual([...BEGIN, 'send', 'name a', 'lock a', 'do a'])
  const order = names([turn('a'), turn('a', together), turn('b', together)])
  expect(order).toEqual([...BEGIN, 'send', ...Array(2).fill(['name a', 'lock a', 'do a']).flat()])
})

test('each is given what its own statements would have said', () => {
  const send = kind('send')
  const turns = [
    turn('a', { inputs: [1, 2], statement: send }),
    turn('b'),
    turn('c', { inputs: [3, 4], statement: send }),
    turn('d', { inputs: [5], statement: send }),
  ]
  const head = (tenant_id: string): Row => ({ tenant_id, position: 7n })
  const rows = (...ords: number[]): Row[] => ords.map(ord => ({ ord, of: ord }))
  const results = [[], [], ['a', 'b', 'c'].map(head), rows(3, 0), rows(0), rows(1), rows(2)]
  expect(shareTransaction(turns).resultsOf(results)).toEqual([
    [[], [head('a')], [{ ord: 0, of: 0 }]],
    [rows(0), rows(1), rows(2)],
    [[], [head('c')], [{ ord: 1, of: 3 }]],
    [[], [], []],
  ])
})

test('what cannot be said as a statement is thrown before anything is sent', () => {
  const unsayable = vi.fn(() => {
    throw new TypeError('a value that cannot be said')
  })
  expect(() => shareTransaction([turn('a', { inputs: [1], statement: unsayable }), turn('b')])).toThrow(TypeError)
  expect(unsayable).toHaveBeenCalledOnce()
})
