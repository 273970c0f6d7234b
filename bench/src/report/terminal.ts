/** The report as it is shown in a terminal: the same text, its tables' columns aligned. */
export function aligned(markdown: string): string {
  return markdown
    .split('\n\n')
    .map(block => (block.startsWith('|') ? alignedTable(block) : block))
    .join('\n\n')
    .replaceAll('**', '')
}

function alignedTable(table: string): string {
  const rows = table
    .replaceAll('**', '')
    .split('\n')
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
  const [head = [], , ...body] = rows
  const widths = head.map((_, column) => Math.max(...[head, ...body].map(cells => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd()
  const rule = widths.map(width => '─'.repeat(width)).join('───')
  return [line(head), rule, ...body.map(line)].join('\n')
}
