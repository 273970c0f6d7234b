/** One line of a Dockerfile, continuation lines joined. */
export interface Instruction {
  readonly name: string
  readonly rest: string
}

export interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile; the last one is the image. Throws at what stands before the first. */
export function readStages(text: string): readonly Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const instruction of readInstructions(text)) {
    const stage = stages.at(-1)
    if (instruction.name === 'FROM') {
      const [base = '', , name = ''] = instruction.rest.split(' ')
      stages.push({ name, base, instructions: [] })
    } else if (stage === undefined) throw new Error(`${instruction.name} stands before FROM`)
    else stage.instructions.push(instruction)
  }
  return stages
}

function readInstructions(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter(line => !line.startsWith('#'))
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return joined.split('\n').flatMap(line => {
    const [, name, rest] = /^([A-Z]+) +(.+)$/.exec(line) ?? []
    if (name !== undefined && rest !== undefined) return { name, rest }
    if (line.trim() !== '') throw new Error(`not an instruction: ${line}`)
    return []
  })
}

/** The words of the instruction, of which a stage has one at most. */
export function only(stage: Stage, name: string): string {
  const [first, ...others] = stage.instructions.filter(instruction => instruction.name === name)
  if (first === undefined || others.length > 0) throw new Error(`${name} stands ${others.length} times too often`)
  return first.rest
}

/** The words of a command in its exec form, which no shell reads. */
export function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text)
  if (!Array.isArray(words) || !words.every(word => typeof word === 'string')) throw new Error(`not a list: ${text}`)
  return words
}
