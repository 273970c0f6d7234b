import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  buildSchema,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  print,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { readTypeDefs } from '../../src/graphql/schema.ts'

const contract = buildSchema(readFileSync(new URL('contract.graphql', import.meta.url), 'utf8'))
const schema = buildSchema(readTypeDefs())

describe('the public schema', () => {
  test('breaks nothing of the contract', () => {
    expect(findBreakingChanges(contract, schema)).toEqual([])
    expect(findDangerousChanges(contract, schema)).toEqual([])
  })

  test('a change that would break a client is seen', () => {
    const without = buildSchema(readTypeDefs().replace('avatarUrl: String', 'picture: String'))
    expect(findBreakingChanges(contract, without).map(change => change.type)).toEqual(['FIELD_REMOVED'])
  })

  test('keeps the limits and the viewer marks of the contract', () => {
    expect(marks(schema)).toEqual(marks(contract))
    expect(marks(contract).length).toBeGreaterThan(20)
  })

  test('every type, root field and enum value says what it is', () => {
    const types = Object.values(schema.getTypeMap()).filter(type => !isIntrospectionType(type) && type.astNode)
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const fields = roots.flatMap(root => Object.values(root?.getFields() ?? {}))
    const values = types.filter(isEnumType).flatMap(type => type.getValues())
    const silent = [...types, ...fields, ...values].filter(each => !each.description).map(String)
    expect(silent).toEqual([])
  })

  test('the resolver types are those of the schema', async () => {
    const codegen = ['--config', 'codegen.ts', '--check', '--silent']
    await promisify(execFile)(process.execPath, ['node_modules/@graphql-codegen/cli/esm/bin.js', ...codegen])
  })
})

function marks(of: GraphQLSchema): string[] {
  return Object.values(of.getTypeMap())
    .filter(type => isObjectType(type) || isInterfaceType(type))
    .flatMap(type => Object.values(type.getFields()))
    .flatMap(field => field.astNode?.directives?.map(directive => `${field} ${print(directive)}`) ?? [])
    .sort()
}
