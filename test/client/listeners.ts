import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient as createUrqlClient, subscriptionExchange } from '@urql/core'
import type { Client } from 'graphql-ws'
import { createApolloLink } from '../../client/src/apollo.ts'
import { createUrqlExchange } from '../../client/src/urql.ts'

export interface Heard {
  readonly __typename: string
  readonly position: string
  readonly message?: { readonly content: string }
}

/** Subscribes with one of the libraries; returns how it is left. */
export type Listen = (
  client: Client,
  query: string,
  heard: (event: Heard) => void,
  ended: (why: unknown) => void,
) => () => void

interface Data {
  readonly inbox: Heard
}

/** The same over each of the libraries that an application may use. */
export const LISTENERS: readonly (readonly [string, Listen])[] = [
  [
    'graphql-ws',
    (client, query, heard, ended) =>
      client.subscribe<Data>(
        { query },
        { next: ({ data }) => data && heard(data.inbox), error: ended, complete: () => ended(undefined) },
      ),
  ],
  [
    'Apollo Client',
    (client, query, heard, ended) => {
      const apollo = new ApolloClient({
        cache: new InMemoryCache({
          possibleTypes: { StreamEvent: ['CaughtUp', 'MessageSent'] },
          typePolicies: { Subscription: { fields: { inbox: { merge: false } } } },
        }),
        link: createApolloLink({ ApolloLink, GraphQLWsLink }, client),
      })
      const subscription = apollo.subscribe<Data>({ query: gql(query) }).subscribe({
        next: ({ data, error }) => (data ? heard(data.inbox) : ended(error)),
        error: ended,
        complete: () => ended(undefined),
      })
      return () => {
        subscription.unsubscribe()
        apollo.stop()
      }
    },
  ],
  [
    'urql',
    (client, query, heard, ended) => {
      const urql = createUrqlClient({
        url: 'http://127.0.0.1',
        preferGetMethod: false,
        exchanges: [createUrqlExchange({ subscriptionExchange }, client)],
      })
      const { unsubscribe } = urql
        .subscription<Data>(query, {})
        .subscribe(({ data, error }) => (data ? heard(data.inbox) : ended(error)))
      return unsubscribe
    },
  ],
]
