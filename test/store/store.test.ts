import { afterAll, beforeAll, describe } from 'vitest'
import { createStore } from '../../src/store/create-store.ts'
import type { Database } from '../../src/store/database/database.ts'
import { describeCommits } from '../contracts/store/commits.ts'
import { describeFollowing } from '../contracts/store/following.ts'
import { describeLog } from '../contracts/store/log.ts'
import { describePages } from '../contracts/store/pages.ts'
import { describePruning } from '../contracts/store/pruning.ts'
import { describeReceipts } from '../contracts/store/receipts.ts'
import { describeRevocations } from '../contracts/store/revocations.ts'
import { describeSharedTransactions } from '../contracts/store/shared-transactions.ts'
import { describeTenants } from '../contracts/store/tenants.ts'
import { describeTogether } from '../contracts/store/together.ts'
import { describeUsers } from '../contracts/store/users.ts'
import { describeDatabases, type OpenDatabase } from '../support/database.ts'

// Every test makes a tenant of its own, so they share one database.
describeDatabases('the store', open => {
  let opened: OpenDatabase
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())
  const database = async (): Promise<Database> => opened.database
  const store = async () => createStore(opened.database)

  describe('the log', () => describeLog(store, database))
  describe('what is told of a commit', () => describeCommits(store, database))
  describe('a batch behind another one', () => describeFollowing(database))
  describe('shared transactions', () => describeSharedTransactions(database))
  describe('sends that go together', () => describeTogether(database))
  describe('pages of the log', () => describePages(store))
  describe('pruning', () => describePruning(store))
  describe('receipts', () => describeReceipts(store))
  describe('revocations', () => describeRevocations(store))
  describe('users', () => describeUsers(store))
  describe('tenants', () => describeTenants(database))
})
