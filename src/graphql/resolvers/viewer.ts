import type { QueryResolvers, ViewerResolvers } from '../generated.ts'
import { userSource } from '../sources.ts'

export const viewerQueries = {
  viewer: (_, __, { viewer }) => viewer,
} satisfies QueryResolvers

export const viewerTypes = {
  Viewer: {
    user: viewer => userSource(viewer.userId),
    tenantId: viewer => viewer.tenantId,
    roles: viewer => viewer.roles,
    position: (_, __, context) => context.position(),
    limits: (_, __, context) => context.limits(),
  } satisfies ViewerResolvers,
}
