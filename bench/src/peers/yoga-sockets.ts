import { createServer } from 'node:http'
import type { ExecutionArgs } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import type { YogaServerInstance } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { HOST, PORT, userOf } from './chat.ts'

/** The recipe of Yoga's documentation for graphql-ws. */
export function listen(yoga: YogaServerInstance<object, { readonly user: string }>): void {
  const http = createServer(yoga)
  const sockets = new WebSocketServer({ server: http, path: yoga.graphqlEndpoint })
  useServer(
    {
      execute: args => enveloped(args).execute(args),
      subscribe: args => enveloped(args).subscribe(args),
      onSubscribe: async (ctx, _id, params) => {
        const user = userOf(ctx.connectionParams)
        const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
          ...ctx,
          req: ctx.extra.request,
          socket: ctx.extra.socket,
          params,
          user,
        })
        const args = {
          schema,
          operationName: params.operationName,
          document: parse(params.query),
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        }
        const errors = validate(args.schema, args.document)
        return errors.length > 0 ? errors : args
      },
    },
    sockets,
  )
  http.listen(PORT, HOST)
}

/** What `onSubscribe` left for the two above. */
function enveloped({ rootValue }: ExecutionArgs) {
  return rootValue as Pick<ReturnType<YogaServerInstance<object, object>['getEnveloped']>, 'execute' | 'subscribe'>
}
