import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientFrame, createFrameReader } from '../../../bench/src/load/frames.ts'

const LARGE = 200

/** A server's frame: a client's without its mask. */
function serverFrame(text: string): Buffer {
  const masked = clientFrame(text)
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.concat([masked.subarray(0, header), Buffer.from(text)])
  frame[1] = (frame[1] ?? 0) & 0x7f
  return frame
}

function readInPieces(bytes: Buffer, cuts: readonly number[]) {
  const texts: string[] = []
  const whole: string[] = []
  let large = 0
  const reader = createFrameReader({
    largeFrom: () => LARGE,
    large(text) {
      large++
      if (text !== undefined) whole.push(text())
    },
    text: text => texts.push(text),
    control: () => undefined,
  })
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
  places.slice(1).forEach((end, n) => {
    if (end > (places[n] ?? 0)) reader.read(bytes.subarray(places[n], end))
  })
  return { texts, whole, large }
}

describe('the frames of the load', () => {
  test('every frame is counted once, however the network cuts the bytes', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.integer({ min: 65_500, max: 65_600 }).map(length => 'x'.repeat(length)),
    )
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        const bytes = Buffer.concat(sent.map(serverFrame))
        const cuts = places.map(place => place % (bytes.length + 1))
        const isLarge = (each: string) => Buffer.byteLength(each) >= LARGE
        const got = readInPieces(bytes, cuts)
        expect(got.texts).toEqual(sent.filter(each => !isLarge(each)))
        expect(got.large).toBe(sent.filter(isLarge).length)
        for (const each of got.whole) expect(sent).toContain(each)
      }),
      { numRuns: 300 },
    )
  })
})
