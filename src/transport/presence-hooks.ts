import type { Viewer } from '../domain/viewer.ts'

/** What the transports tell of connections: WebSockets and event streams. */
export interface Presence {
  onConnect(viewer: Viewer, connectionId: string): void
  /** The user did something on that connection; null: by an HTTP request. */
  onActivity(viewer: Viewer, connectionId: string | null): void
  /** `clean`: the client said goodbye. */
  onDisconnect(viewer: Viewer, connectionId: string, clean: boolean): void
}
