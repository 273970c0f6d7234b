import { describe, expect, test, vi } from 'vitest'
import { checkFrame, contentOf, createRooms } from '../../../bench/src/load/rooms.ts'

/** One room and its two subscribers. */
function scene() {
  const seat = { room: 0, greeting: {} }
  const { rooms, subscribers } = createRooms({ rooms: ['a'], subscribers: [seat, seat] })
  const [room] = rooms
  const [first, second] = subscribers
  if (!room || !first || !second) throw new Error('no scene')
  return { room, first, second, watch: { onDelivery: vi.fn(), onComplete: vi.fn() } }
}

describe('the messages of the load', () => {
  test('a message is complete when its last subscriber has it', () => {
    const { room, first, second, watch } = scene()
    room.next(1)
    room.next(2)
    room.got(first, watch)
    room.got(first, watch)
    expect(watch.onComplete).not.toHaveBeenCalled()
    expect(room.inFlight).toBe(2)
    room.got(second, watch)
    expect(watch.onComplete.mock.calls).toEqual([[1]])
    expect(watch.onDelivery).toHaveBeenCalledTimes(3)
    expect(room.inFlight).toBe(1)
  })

  test('what was never sent is noticed', () => {
    const { room, first, watch } = scene()
    room.next(1)
    room.got(first, watch)
    expect(() => room.got(first, watch)).toThrow('more messages than were sent')
  })

  test('a frame with the words of another message is noticed', () => {
    const frame = `{"id":"1","content":"${contentOf(7)}"}`
    expect(contentOf(7)).toHaveLength(100)
    expect(() => checkFrame(frame, 7)).not.toThrow()
    expect(() => checkFrame(frame, 8)).toThrow('Message 8 was expected')
  })
})
