import { type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import type { Context } from './context.ts'
import { directiveOf } from './schema-fields.ts'

/** Whether the field's value depends on who asks. */
export function dependsOnViewer(field: GraphQLField): boolean {
  return directiveOf(field, 'viewer') !== undefined
}

/**
 * Makes every `@viewer` field throw where there is no viewer, whatever its resolver reads. Throws when an interface and an implementor disagree: a selection on
 * the interface would be taken for one that all may share.
 */
export function applyViewer(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      for (const parent of type.getInterfaces()) checkAgreement(field, parent.getFields()[field.name])
      if (dependsOnViewer(field)) guard(field)
    }
  }
}

function guard(field: GraphQLField<unknown, Context>): void {
  const { resolve } = field
  if (resolve === undefined) return
  field.resolve = (source, args, context, info) => {
    if (context.viewer === undefined) throw new Error('There is no viewer.')
    return resolve(source, args, context, info)
  }
}

function checkAgreement(field: GraphQLField, inherited: GraphQLField | undefined): void {
  if (inherited === undefined || dependsOnViewer(field) === dependsOnViewer(inherited)) return
  throw new Error(`${field} and ${inherited} disagree on @viewer.`)
}
