import { SignJWT } from 'jose'

/** A user who acts over HTTP, straight at the server. */
export interface Actor {
  readonly id: string
  readonly tenantId: string
  readonly authorization: string
  /** Rejects when the network or the server fails, and for top-level errors. */
  ask<Data>(query: string, variables?: object): Promise<Data>
}

export const SECRET = 'a secret of more than thirty-two bytes'

/** `url`: where the server is now. */
export async function createActor(tenantId: string, id: string, url: () => URL): Promise<Actor> {
  const token = await new SignJWT({ org_id: tenantId, name: id })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(Buffer.from(SECRET))
  const authorization = `Bearer ${token}`
  return {
    id,
    tenantId,
    authorization,
    async ask(query, variables = {}) {
      const response = await fetch(url(), {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = await response.json()
      if (errors !== undefined) throw new Error(`${errors[0]?.extensions?.code}: ${errors[0]?.message}`)
      return data
    },
  }
}

/** Asks until there is an answer: for what must be known although the server is being restarted. */
export async function insist<Value>(attempt: () => Promise<Value>, tries = 400): Promise<Value> {
  for (let nth = 1; ; nth++) {
    try {
      return await attempt()
    } catch (error) {
      if (nth === tries) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
