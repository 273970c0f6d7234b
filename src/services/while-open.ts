import type { Sink, Subscription } from '../stream/sink.ts'

/** Keeps what a subscription holds: `release` is called once, when the subscription is over, or at once when it is over already. */
export type Keep = (release: () => void) => void

/**
 * Opens a subscription and gives back what it held when it is over, whoever ended it: the client, the stream, or `open` by rejecting. `open` is to
 * write to the sink that it is given.
 */
export async function whileOpen(
  sink: Sink,
  open: (sink: Sink, keep: Keep) => Promise<Subscription>,
): Promise<Subscription> {
  const held: (() => void)[] = []
  let over = false
  const giveBack = () => {
    over = true
    for (const release of held.splice(0)) release()
  }
  const watched: Sink = {
    userId: sink.userId,
    write: payload => sink.write(payload),
    onDrain: resume => sink.onDrain(resume),
    end(error) {
      giveBack()
      sink.end(error)
    },
  }
  try {
    const subscription = await open(watched, release => {
      if (over) release()
      else held.push(release)
    })
    return {
      close() {
        giveBack()
        subscription.close()
      },
    }
  } catch (error) {
    giveBack()
    throw error
  }
}
