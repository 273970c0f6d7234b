import type { Listener, Part, Speech } from '../dialect.ts'

/** JSON on a bare WebSocket: the address says who listens where. */
export const plainSpeech: Speech = {
  path: ({ greeting }, room) => `/?${new URLSearchParams({ ...greeting, room })}`,
  subscriber: silent,
  publisher: part => ({
    ...silent(part),
    publish: content => part.client.send(`{"content":"${content}"}`),
  }),
}

function silent({ onReady }: Part): Listener {
  return { open: onReady, text() {} }
}
