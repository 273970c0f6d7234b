import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { RequestError } from '../domain/errors.ts'
import { findExcess } from './count.ts'
import { recoded, requestError } from './errors.ts'
import type { GateLimits } from './gate-limits.ts'

/** A text that was read once: what to execute, or what is wrong with it. */
export type Reading = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

/** About what a token costs in memory once it is a node with its place. */
const BYTES_PER_TOKEN = 600

/** How graphql-js ends its message when a limit, not the grammar, stopped the parser. */
const ABORTED = /Parsing aborted\.$/

/**
 * Reads documents: parse, count, validate, in that order, each only when the one before found nothing. Readings are kept by text. In production no error says
 * a word of the schema or of the document.
 */
export function createDocuments(
  schema: GraphQLSchema,
  limits: GateLimits,
  production: boolean,
): (text: string) => Reading {
  const readings = new LRUCache<string, Reading>({ max: limits.cachedDocuments, maxSize: limits.cachedBytes })
  const rules = production ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules

  const checked = (document: DocumentNode): Reading => {
    const excess = findExcess(document, limits)
    if (excess !== undefined) return tooComplex(excess)
    const errors = validate(schema, document, rules, { maxErrors: limits.maxErrors, hideSuggestions: production })
    if (errors.length === 0) return { document }
    const message = production ? 'The document is not valid.' : undefined
    return { errors: errors.map(error => recoded(error, 'GRAPHQL_VALIDATION_FAILED', message)) }
  }

  const parsed = (text: string): Reading => {
    try {
      return { document: parse(text, { maxTokens: limits.maxTokens }) }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      if (ABORTED.test(error.message)) return tooComplex(`The document has more than ${limits.maxTokens} tokens.`)
      const message = production ? 'The document does not parse.' : undefined
      return { errors: [recoded(error, 'GRAPHQL_PARSE_FAILED', message)] }
    }
  }

  return text => {
    if (text.length > limits.maxTextLength) return tooComplex(`The document is longer than ${limits.maxTextLength}.`)
    const kept = readings.get(text)
    if (kept !== undefined) return kept
    const first = parsed(text)
    const reading = 'document' in first ? checked(first.document) : first
    readings.set(text, reading, { size: sizeOf(text, reading) })
    return reading
  }
}

function sizeOf(text: string, reading: Reading): number {
  const tokens = 'document' in reading ? (reading.document.tokenCount ?? text.length) : 0
  return 1 + text.length * 2 + tokens * BYTES_PER_TOKEN
}

function tooComplex(message: string): Reading {
  return { errors: [requestError(new RequestError('OPERATION_TOO_COMPLEX', message))] }
}
