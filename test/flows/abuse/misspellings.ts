import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import type { Asked } from './ways.ts'

/** A name of the schema with one letter wrong, asked where the right one would stand. */
export interface Misspelling extends Asked {
  readonly name: string
}

/** Every name of the schema: types, fields, arguments, input fields, enum values and directives. */
export function schemaNames(schema: GraphQLSchema): ReadonlySet<string> {
  const names = Object.values(schema.getTypeMap()).flatMap(type => [
    type.name,
    ...fieldsOf(type).flatMap(field => [field.name, ...field.args.map(arg => arg.name)]),
    ...(isInputObjectType(type) ? Object.keys(type.getFields()) : []),
    ...(isEnumType(type) ? type.getValues().map(value => value.name) : []),
  ])
  return new Set([...names, ...schema.getDirectives().map(directive => directive.name)])
}

/** All of them, each in every place where a helpful server would know better. */
export function misspellings(schema: GraphQLSchema): readonly Misspelling[] {
  const names = schemaNames(schema)
  const wrong = (name: string) =>
    [name.slice(0, -1), `${name}x`].find(other => other !== '' && !names.has(other)) ?? 'x'
  const types = Object.values(schema.getTypeMap()).filter(type => !type.name.startsWith('__'))
  return [
    ...types.flatMap(type => [
      ...ofType(type, wrong),
      ...ofFields(type, wrong),
      ...ofEnum(type, wrong),
      ...ofInput(type, wrong),
    ]),
    ...ofInputVariables(schema, wrong),
    ...schema
      .getDirectives()
      .map(({ name }) => ({ name: `@${name}`, query: `{ __typename @${wrong(name)}(if: true) }` })),
  ]
}

type Wrong = (name: string) => string

function fieldsOf(type: GraphQLNamedType): readonly GraphQLField[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
}

function ofType({ name }: GraphQLNamedType, wrong: Wrong): readonly Misspelling[] {
  return [
    { name, query: `query Q($v: ${wrong(name)}) { __typename }`, variables: { v: 1 } },
    { name, query: `{ ... on ${wrong(name)} { __typename } }` },
  ]
}

function ofFields(type: GraphQLNamedType, wrong: Wrong): readonly Misspelling[] {
  return fieldsOf(type).flatMap(field => [
    { name: `${type.name}.${field.name}`, query: `{ ...F } fragment F on ${type.name} { ${wrong(field.name)} }` },
    ...field.args.map(arg => ({
      name: `${type.name}.${field.name}(${arg.name})`,
      query: `{ ...F } fragment F on ${type.name} { ${field.name}(${wrong(arg.name)}: 1) }`,
    })),
  ])
}

function ofEnum(type: GraphQLNamedType, wrong: Wrong): readonly Misspelling[] {
  if (!isEnumType(type)) return []
  return type.getValues().map(({ name }) => ({
    name: `${type.name}.${name}`,
    query: `query Q($v: ${type.name} = ${wrong(name)}) { __typename }`,
  }))
}

function ofInput(type: GraphQLNamedType, wrong: Wrong): readonly Misspelling[] {
  if (!isInputObjectType(type)) return []
  return Object.keys(type.getFields()).map(name => ({
    name: `${type.name}.${name}`,
    query: `query Q($v: ${type.name} = { ${wrong(name)}: 1 }) { __typename }`,
  }))
}

/** Those that only the values of the variables hold: they are found out by execution, not by validation. */
function ofInputVariables(schema: GraphQLSchema, wrong: Wrong): readonly Misspelling[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(field =>
    field.args.flatMap(arg => {
      const type = schema.getType(String(arg.type).replaceAll(/\W/g, ''))
      if (!isInputObjectType(type)) return []
      const query = `mutation M($v: ${arg.type}) { ${field.name}(${arg.name}: $v) { __typename } }`
      return Object.values(type.getFields()).flatMap(each => {
        const inner = schema.getType(String(each.type).replaceAll(/\W/g, ''))
        const values = isEnumType(inner) ? inner.getValues().map(({ name }) => ({ [each.name]: wrong(name) })) : []
        return [{ [wrong(each.name)]: 1 }, ...values].map(v => ({
          name: `${field.name}: ${JSON.stringify(v)}`,
          query,
          variables: { v },
        }))
      })
    }),
  )
}
