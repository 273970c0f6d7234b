export const USAGE = `Usage:
  serve                                       starts the server
  token --tenant ID --user ID [--name NAME] [--role ROLE]... [--ttl 1h]
                                              prints a token signed with JWT_SECRET or the development secret`

/** What was typed is no command, or not a whole one. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(reason?: string) {
    super(reason === undefined ? USAGE : `${reason}\n\n${USAGE}`)
  }
}
