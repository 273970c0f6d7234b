/** JSON text, now or later: what is here stays here, so that executing stays synchronous where it can. */
export type Text = string | Promise<string>

export function chain<Value>(value: Value | Promise<Value>, next: (value: Value) => Text): Text {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** The texts of all items between the brackets, made side by side. What fails first fails all, and nobody hears of the others. */
export function joined<Item>(items: readonly Item[], textOf: (item: Item) => Text, open: string, close: string): Text {
  const texts: string[] = []
  const later: Promise<void>[] = []
  try {
    for (const item of items) {
      const text = textOf(item)
      if (typeof text === 'string') texts.push(text)
      else {
        const place = texts.push('') - 1
        later.push(
          text.then(known => {
            texts[place] = known
          }),
        )
      }
    }
  } catch (error) {
    for (const each of later) each.catch(() => {})
    throw error
  }
  const join = () => open + texts.join() + close
  return later.length === 0 ? join() : Promise.all(later).then(join)
}
