/**
 * Why a socket is hung up. A stock graphql-ws client comes back by itself only after EXPIRED, INIT_TIMEOUT, RESTARTING and TRY_LATER; the
 * others end it for good, which is right where the same socket would only be refused again.
 */
export const CLOSE = {
  RESTARTING: 1012,
  TRY_LATER: 1013,
  UNSUPPORTED_DATA: 1003,
  BAD_REQUEST: 4400,
  UNAUTHORIZED: 4401,
  EXPIRED: 4403,
  INIT_TIMEOUT: 4408,
  TOO_MANY: 4429,
  INTERNAL: 4500,
} as const

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]

/** With which a client that will be back is gone: its network went (1006), or graphql-ws gave up a socket that seemed frozen, to open another (4499). */
export const NO_GOODBYE: readonly number[] = [1006, 4499]
