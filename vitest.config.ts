import { defineConfig } from 'vitest/config'

// Node takes these conditions and Vite does not; without them a test gets a second copy of graphql, whose types are not those of the libraries' own.
const conditions = ['node', 'module-sync']

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
})
