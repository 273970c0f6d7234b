import { type DocumentNode, GraphQLIncludeDirective, GraphQLSkipDirective, Kind, visit } from 'graphql'
import type { Variables } from './run.ts'

/** The variables on which it depends what is selected, and their values. */
export interface Conditions {
  /** Equal where the same is selected. */
  keyOf(variables: Variables): string
  /** They alone: what is compiled for them keeps nothing else of a request. */
  only(variables: Variables): Variables
}

export function conditionsOf(document: DocumentNode): Conditions {
  const names = new Set<string>()
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name) return
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  const used = [...names]
  const pick = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value> => {
    const picked: Record<string, Value> = Object.create(null)
    for (const [name, value] of Object.entries(values)) if (names.has(name)) picked[name] = value
    return picked
  }
  return {
    keyOf: ({ coerced }) => used.map(name => (Object.hasOwn(coerced, name) ? String(coerced[name]) : '')).join(),
    only: ({ sources, coerced }) => ({ sources: pick(sources), coerced: pick(coerced) }),
  }
}
