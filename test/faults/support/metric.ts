/** One number of those that a server says of itself at /metrics. Rejects when it says none of this name. */
export async function readMetric(url: URL, name: string): Promise<number> {
  const page = await (await fetch(new URL('/metrics', url))).text()
  const said = new RegExp(`^${name} (.+)$`, 'm').exec(page)?.[1]
  if (said === undefined) throw new Error(`there is no ${name}`)
  return Number(said)
}
