import { SignJWT } from 'jose'

/** The secret of every server under fault, whose tokens the clients therefore make themselves. */
export const JWT_SECRET = 'a secret of more than thirty-two bytes'

const KEY = new TextEncoder().encode(JWT_SECRET)

/** What the user says to be let in, good for an hour. */
export async function authorizationOf(userId: string, tenantId = 'acme'): Promise<string> {
  const claims = new SignJWT({ org_id: tenantId }).setSubject(userId).setExpirationTime('1h')
  return `Bearer ${await claims.setProtectedHeader({ alg: 'HS256' }).sign(KEY)}`
}
