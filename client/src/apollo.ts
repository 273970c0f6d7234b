import type { Client } from 'graphql-ws/client'

/** Of Apollo Client: `ApolloLink` from `@apollo/client`, `GraphQLWsLink` from `@apollo/client/link/subscriptions`. */
export interface ApolloClasses<Link> {
  readonly ApolloLink: {
    split(isLeft: (operation: { readonly operationType: string }) => boolean, left: Link): Link
  }
  readonly GraphQLWsLink: new (client: Client) => Link
}

/** A link that takes the subscriptions; what comes to it of queries and mutations goes on to the next link. */
export function createApolloLink<Link>({ ApolloLink, GraphQLWsLink }: ApolloClasses<Link>, client: Client): Link {
  return ApolloLink.split(({ operationType }) => operationType === 'subscription', new GraphQLWsLink(client))
}
