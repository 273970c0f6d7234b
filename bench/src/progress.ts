/** Tells whoever waits what is going on, on a terminal only: one line that overwrites itself. */
export interface Progress {
  say(what: string): void
  done(): void
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { say() {}, done() {} }
  return {
    say: what => stream.write(`\r\u001b[K${what}`),
    done: () => stream.write('\r\u001b[K'),
  }
}
