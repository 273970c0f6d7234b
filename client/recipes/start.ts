import { createColloquyClient, createSender, executeOver, type GetToken } from 'colloquy-client'

const INBOX = 'subscription { inbox { __typename position ... on MessageSent { message { id content } } } }'

/** Shows whatever is said to a user, from now on. */
export function start(url: string, token: GetToken, show: (content: string) => void) {
  const client = createColloquyClient({ url, token })
  const leave = client.subscribe<{ inbox: { message?: { content: string } } }>(
    { query: INBOX },
    {
      next: ({ data }) => data?.inbox.message && show(data.inbox.message.content),
      error: reason => show(`The server refuses: ${JSON.stringify(reason)}`),
      complete: () => {},
    },
  )
  const sender = createSender(executeOver(client))
  return {
    say: (userId: string, content: string) => sender.send({ userIds: [userId], content }),
    async stop() {
      leave()
      await client.dispose()
    },
  }
}
