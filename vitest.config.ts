import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Node takes these conditions and Vite does not; without them a test gets a second copy of graphql, whose types are not those of the libraries' own.
const conditions = ['node', 'module-sync']

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  // What an application writes, from the sources.
  resolve: {
    alias: [
      { find: /^colloquy-client$/, replacement: fromHere('client/src/index.ts') },
      { find: /^colloquy-client\/(\w+)$/, replacement: fromHere('client/src/$1.ts') },
    ],
  },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Most tests wait for processes of their own; by itself Vitest leaves a core to others, and of two uses one.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Nothing asserts a time: to open the embedded database three times took 34 s on two slow cores that others used too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For a machine that is busy with other tests: what is waited for comes sooner.
    expect: { poll: { timeout: 15_000 } },
    restoreMocks: true,
  },
})
