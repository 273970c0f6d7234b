import type { FieldNode, GraphQLResolveInfo } from 'graphql'

/** A step down the response as the plan knows it: into a field, or into some item of a list, which has no key. */
export interface Step {
  readonly prev: Step | undefined
  readonly key: string | undefined
}

/** Which items of the lists above an execution stands in, the innermost first. */
export interface At {
  readonly prev: At | undefined
  readonly index: number
}

/** Where a value stands in the response. */
export interface Place {
  readonly step: Step
  readonly nodes: readonly FieldNode[]
  readonly info: GraphQLResolveInfo
}

/** The path that an error tells. Made when there is one: nothing is written down on the way. */
export function pathOf(step: Step, at: At | undefined): readonly (string | number)[] {
  const path: (string | number)[] = []
  let item = at
  for (let place: Step | undefined = step; place !== undefined; place = place.prev) {
    if (place.key !== undefined) path.push(place.key)
    else if (item !== undefined) {
      path.push(item.index)
      item = item.prev
    }
  }
  return path.reverse()
}
