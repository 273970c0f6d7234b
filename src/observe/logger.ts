/** One JSON line an event. Field names that hold secrets (token, authorization, secret, password) are redacted by the adapter. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
