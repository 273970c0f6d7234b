import { type GraphQLFieldResolver, type GraphQLSchema, isNonNullType, isObjectType } from 'graphql'
import { Refusal } from '../domain/errors.ts'
import type { Context } from './context.ts'
import { mutationFields } from './schema-fields.ts'

/**
 * Makes every mutation answer a `Refusal` as data: a payload of `userErrors` alone. Throws when a mutation's payload cannot say so (no `userErrors`, or
 * another field that is not nullable).
 */
export function applyPayloads(schema: GraphQLSchema): void {
  for (const field of mutationFields(schema)) {
    if (!isObjectType(field.type)) throw new Error(`Mutation.${field.name} must be a nullable payload.`)
    const { userErrors, ...others } = field.type.getFields()
    if (userErrors === undefined || Object.values(others).some(other => isNonNullType(other.type))) {
      throw new Error(`${field.type.name} must have userErrors, and everything else nullable.`)
    }
    field.resolve = refusalAsData(field.resolve)
  }
}

function refusalAsData(
  resolve: GraphQLFieldResolver<unknown, Context> | undefined,
): GraphQLFieldResolver<unknown, Context> {
  return (source, args, context, info) => {
    const done = (payload: unknown) => {
      context.forget()
      return payload
    }
    const failed = (error: unknown) => {
      context.forget()
      if (!(error instanceof Refusal)) throw error
      return { userErrors: [{ code: error.code, message: error.message, field: error.field }] }
    }
    try {
      const payload = resolve?.(source, args, context, info)
      return payload instanceof Promise ? payload.then(done, failed) : done(payload)
    } catch (error) {
      return failed(error)
    }
  }
}
