import { stopSignals } from './cli/stop-signals.ts'
import { USAGE, UsageError } from './cli/usage.ts'
import { systemClock } from './domain/clock.ts'

/** Each command's modules are loaded when it is chosen: a token is made at once, and a signal is heard while a server is still being loaded. */
async function main([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'serve': {
      if (args.length > 0) throw new UsageError()
      const signals = stopSignals(systemClock)
      const { serve } = await import('./cli/serve.ts')
      return serve(process.env, signals)
    }
    case 'token': {
      const { token } = await import('./cli/token.ts')
      process.stdout.write(`${await token(process.env, args)}\n`)
      return
    }
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${USAGE}\n`)
      return
    default:
      throw new UsageError()
  }
}

/** One readable line, or the few of a configuration's problems, without a stack. */
function fail(error: unknown): never {
  process.stderr.write(`${readable(error)}\n`)
  process.exit(1)
}

function readable(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const parts = error instanceof AggregateError ? error.errors.map(readable) : []
  return [error.message, ...parts].filter(part => part !== '').join(' ') || error.name
}

main(process.argv.slice(2)).catch(fail)
