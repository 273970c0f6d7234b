import { buildSchema, type GraphQLSchema, isObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { StreamContext } from '../../src/graphql/context.ts'
import { applyViewer, dependsOnViewer } from '../../src/graphql/viewer-fields.ts'
import { alice, fakeEngine } from './engine-fixture.ts'

function viewerFields(schema: GraphQLSchema) {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType)
  return types.flatMap(type => Object.values(type.getFields())).filter(dependsOnViewer)
}

describe('a field that depends on the viewer', () => {
  const marked = 'directive @viewer on FIELD_DEFINITION type Query { a: Int @viewer b: Int }'

  test('throws in an audience, whatever its resolver reads', () => {
    const schema = buildSchema(marked)
    for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) field.resolve = () => 1
    applyViewer(schema)
    const sources: ConstructorParameters<typeof StreamContext>[0] = Object.create({ store: { tenant: () => null } })
    const loaders: ConstructorParameters<typeof StreamContext>[2] = Object.create(null)
    const resolve = (name: string, viewer: typeof alice | null) =>
      schema
        .getQueryType()
        ?.getFields()
        [name]?.resolve?.(null, {}, new StreamContext(sources, 'acme', loaders, viewer), Object.create(null))
    expect(() => resolve('a', null)).toThrow('audience')
    expect(resolve('a', alice)).toBe(1)
    expect(resolve('b', null)).toBe(1)
  })

  test('is marked alike in an interface and in all that implement it, or the schema is not built', () => {
    const schema = (outer: string, inner: string) =>
      buildSchema(
        `directive @viewer on FIELD_DEFINITION interface I { a: Int ${outer} } type T implements I { a: Int ${inner} } type Query { t: T }`,
      )
    expect(() => applyViewer(schema('', '@viewer'))).toThrow('I.a')
    expect(() => applyViewer(schema('@viewer', ''))).toThrow('I.a')
    expect(() => applyViewer(schema('@viewer', '@viewer'))).not.toThrow()
  })

  test('is guarded in the served schema', () => {
    expect(viewerFields(fakeEngine().engine.schema).map(String)).toEqual([
      'Conversation.viewerMembership',
      'Conversation.unreadCount',
    ])
  })
})
