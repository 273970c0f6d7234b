import type { Cursor } from '../domain/position.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { BucketState } from '../limits/limiter.ts'
import type { Services } from '../services/services.ts'
import type { Store, TenantStore } from '../store/store.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { createLoaders, createSeenLoaders, type Loaders, type SeenLoaders } from './loaders.ts'
import type { Caller, Session } from './operation.ts'

/** What resolvers know of who asks: a caller's request, or an `Audience`. */
export interface Context {
  /** The tenant's rows, whoever may see them. A resolver goes there only below something that was authorised. */
  readonly tenant: TenantStore
  readonly loaders: Loaders
  readonly services: Services
  /** Throws in an Audience: what is shown to all of them may not depend on one of them. */
  readonly viewer: Viewer
  /** What the viewer may see now. Throws in a stream: an event was authorised as it was. */
  readonly seen: SeenLoaders
  /** The open socket of the caller, if any. */
  readonly session: Session | null
  /** What the answer may still say. */
  readonly allowance: Allowance
  /** Every bucket of the viewer. */
  limits(): Promise<readonly NamedBucket[]>
  /** Where the log ended before anything else of the request was read. Throws in a stream. */
  position(): Promise<Cursor>
  /** Drops what was loaded: a mutation has changed the state. */
  forget(): void
}

export interface NamedBucket extends BucketState {
  readonly event: string
}

export interface ContextSources {
  readonly services: Services
  readonly store: Store
  /** The longest answer, as `createAllowance` counts it. */
  readonly maxAnswerLength: number
  /** Looks at every bucket of a viewer without taking. */
  readonly limitsOf: (viewer: Viewer) => Promise<readonly NamedBucket[]>
}

/** Of one query or mutation. Each has its own, and few need all of it. */
export class RequestContext implements Context {
  readonly tenant: TenantStore
  readonly services: Services
  readonly viewer: Viewer
  readonly session: Session | null
  readonly allowance: Allowance
  readonly #limitsOf: ContextSources['limitsOf']
  #position: Promise<Cursor> | undefined
  #loaders: Loaders | undefined
  #seen: SeenLoaders | undefined

  constructor({ services, store, limitsOf, maxAnswerLength }: ContextSources, { viewer, session }: Caller) {
    this.tenant = store.tenant(viewer.tenantId)
    this.services = services
    this.viewer = viewer
    this.session = session
    this.allowance = createAllowance(maxAnswerLength)
    this.#limitsOf = limitsOf
  }

  get loaders(): Loaders {
    this.#loaders ??= createLoaders(this.tenant)
    return this.#loaders
  }

  get seen(): SeenLoaders {
    this.#seen ??= createSeenLoaders(this.services, this.viewer)
    return this.#seen
  }

  limits(): Promise<readonly NamedBucket[]> {
    return this.#limitsOf(this.viewer)
  }

  position(): Promise<Cursor> {
    this.#position ??= this.services.streams.head(this.viewer)
    return this.#position
  }

  forget(): void {
    this.#loaders = undefined
    this.#seen = undefined
  }
}

/** Of one item of a stream: everyone who may see it, or one of them where the selection depends on who asks. */
export class StreamContext implements Context {
  readonly tenant: TenantStore
  readonly loaders: Loaders
  readonly services: Services
  readonly session = null
  readonly allowance: Allowance
  readonly #viewer: Viewer | null

  constructor(
    { services, store, maxAnswerLength }: ContextSources,
    tenantId: string,
    loaders: Loaders,
    viewer: Viewer | null,
  ) {
    this.tenant = store.tenant(tenantId)
    this.loaders = loaders
    this.services = services
    this.allowance = createAllowance(maxAnswerLength)
    this.#viewer = viewer
  }

  get viewer(): Viewer {
    if (this.#viewer === null) throw new Error('A field that is shared by an audience reads the viewer.')
    return this.#viewer
  }

  get seen(): SeenLoaders {
    throw new Error('A field of a stream asks what the viewer may see now.')
  }

  limits(): Promise<never> {
    return Promise.reject(new Error('A field of a stream asks for buckets.'))
  }

  position(): Promise<never> {
    return Promise.reject(new Error('A field of a stream asks where the log ends.'))
  }

  forget(): void {}
}
