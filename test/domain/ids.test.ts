import { expect, test, vi } from 'vitest'
import { isId, newId } from '../../src/domain/ids.ts'

test('no id is made twice, however many are asked for at once', () => {
  const ids = Array.from({ length: 10_000 }, newId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every(isId)).toBe(true)
})

test('ids rise with time', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  try {
    const ids = Array.from({ length: 300 }, () => {
      vi.advanceTimersByTime(1)
      return newId()
    })
    expect(ids.toSorted()).toEqual(ids)
  } finally {
    vi.useRealTimers()
  }
})

test.each([
  'never',
  '01914f1e-7b1e-4d3c-9a51-0123456789ab',
  '01914F1E-7B1E-7D3C-9A51-0123456789AB',
  ' 01914f1e-7b1e-7d3c-9a51-0123456789ab',
])('%j is no id that was ever made', text => {
  expect(isId(text)).toBe(false)
})
