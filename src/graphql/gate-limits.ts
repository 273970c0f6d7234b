/** What a request may cost before it is refused with OPERATION_TOO_COMPLEX. The document's counts are taken with every fragment spread out. */
export interface GateLimits {
  /** UTF-16 units of text. */
  readonly maxTextLength: number
  /** Tokens of the text, comments aside. What bounds parsing and validating. */
  readonly maxTokens: number
  /** Fields and spreads together. */
  readonly maxFields: number
  /** Fields inside one another; introspection aside. */
  readonly maxDepth: number
  /** Fields under an alias, and fields that stand beside one of their name; also how often one may stand at one place. */
  readonly maxAliases: number
  readonly maxDirectives: number
  /** Fields of the operation's root. */
  readonly maxRootFields: number
  /** Objects that lists can give: the product of the page sizes down each path, summed. */
  readonly maxNodes: number
  /**
   * Characters of the answer: its fields' names, as far as the page sizes let them repeat, before anything is executed; and while it is executed,
   * what its fields say.
   */
  readonly maxAnswerLength: number
  /** The most parse and validation errors that are told at once. */
  readonly maxErrors: number
  /** How many documents are kept parsed and validated, and about how many bytes they may take together. */
  readonly cachedDocuments: number
  readonly cachedBytes: number
}

export const GATE_LIMITS: GateLimits = {
  maxTextLength: 65_536,
  maxTokens: 2_000,
  maxFields: 1_000,
  maxDepth: 12,
  maxAliases: 100,
  maxDirectives: 50,
  maxRootFields: 100,
  maxNodes: 10_000,
  maxAnswerLength: 8_388_608,
  maxErrors: 5,
  cachedDocuments: 1_000,
  cachedBytes: 32 * 1024 * 1024,
}
