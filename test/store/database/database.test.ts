import { databaseContract } from '../../contracts/database.ts'
import { describeDatabases } from '../../support/database.ts'

describeDatabases('A database', databaseContract)
