import { map } from '../eventually.ts'
import type { QueryResolvers, UserResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

export const userQueries = {
  user: (_, { id }, { loaders }) => map(loaders.users.load(id), user => (user ? userSource(id) : null)),
} satisfies QueryResolvers

export const userTypes = {
  User: {
    id: user => user.id,
    name: (user, _, { loaders }) => map(loaders.users.load(user.id), record => record?.name ?? null),
    avatarUrl: (user, _, { loaders }) => map(loaders.users.load(user.id), record => record?.avatarUrl ?? null),
  } satisfies UserResolvers,
}
