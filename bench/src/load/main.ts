import { answerQuestions } from '../process/child.ts'
import { Question } from './plan.ts'
import { acknowledged, closedLoop, openLoop } from './runs.ts'
import { openStage, type Stage } from './stage.ts'

/** The load: a process that opens a scene's sockets once and then runs what it is told. */
let stage: Stage | undefined

answerQuestions(async asked => {
  const question = Question.parse(asked)
  if (question.type === 'open') {
    const began = performance.now()
    stage = await openStage(question)
    return { ms: performance.now() - began }
  }
  if (stage === undefined) throw new Error('Nothing is open.')
  switch (question.type) {
    case 'closed-loop':
      return closedLoop(stage, question)
    case 'open-loop':
      return openLoop(stage, question)
    case 'acknowledged':
      return acknowledged(stage, question)
    case 'close':
      stage.close()
      stage = undefined
      return {}
  }
})

process.once('disconnect', () => process.exit())
