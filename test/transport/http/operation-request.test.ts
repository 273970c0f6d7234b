import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { operationOfBody } from '../../../src/transport/http/operation-request.ts'

test('a request whose client went before its body was asked for is refused, not waited for', async () => {
  const request = new IncomingMessage(new Socket())
  const closed = new Promise(resolve => request.once('close', resolve))
  request.destroy()
  await closed
  await expect(operationOfBody(request, 1_000)).rejects.toThrow('The body was cut off.')
})
