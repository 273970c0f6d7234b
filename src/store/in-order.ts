/** What was found of these ids, in their order; undefined where there is none. */
export function inOrder<Found extends { readonly id: string }>(
  ids: readonly string[],
  found: readonly Found[],
): readonly (Found | undefined)[] {
  const byId = new Map(found.map(each => [each.id, each]))
  return ids.map(id => byId.get(id))
}
