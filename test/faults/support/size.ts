/** How large the faults are: `FAULTS=full` for the sizes that Colloquy promises to stand, else small enough for every run. */
export const isFull = process.env['FAULTS'] === 'full'

export function sized<Size>(sizes: { readonly usual: Size; readonly full: Size }): Size {
  return isFull ? sizes.full : sizes.usual
}

/** Prints one line of figures. */
export function report(fault: string, figures: string): void {
  process.stdout.write(`${fault} (${isFull ? 'full' : 'usual'} size): ${figures}\n`)
}
