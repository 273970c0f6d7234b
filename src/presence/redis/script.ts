import { hash } from 'node:crypto'
import { OPERATIONS } from './script-operations.ts'
import { USER } from './script-user.ts'

/**
 * Every change of presence in Redis: one script, so that what a call finds and what it leaves are of one instant, and exactly one caller is told
 * that a user's status changed.
 *
 * KEYS[1] is the base of a shard, with the hash tag that keeps all its keys in one slot. No key bears that name, and those that the script touches are
 * not declared: whom it touches it only finds out. So an ACL has to allow all that begins with the base, and what routes or moves by declared keys
 * has to go by the hash tag:
 *
 * - `:user:<user>`: a hash of what is shown and chosen (`shown`, `text`, `choice`, `chosen`, `seen`, `order`), and a field `c:<connection>` per lease:
 *   the node's lease (`-` once the connection is lost), when it was last active, when it was lost (0 while it is open).
 * - `:nodes`: each node's lease and when it ends. A connection's lease lasts while its node's does: a node keeps one lease, not one per connection.
 * - `:node:<lease>`: the users with a lease of that node, and `:told:<lease>`: those of them that the node has news of to fetch.
 * - `:dead`: node leases that ended, until no user has a connection of theirs.
 * - `:due`: when a user's status can next change by itself. Activity moves that later without writing it here: who falls due early is looked
 *   at and put back, once per idle time.
 * - `:left` and `:chose`: the users without a lease, by when they left; the second are those who chose a status or a text.
 *
 * ARGV: the operation, the node's lease, now (empty: by the clock of Redis), idle time, grace, how long a node's lease lasts, how long those in
 * `:left` are remembered, how many of each at most; then what the operation takes. Times are milliseconds, activity and choices are given by their age.
 *
 * The answer: whether Redis knows the node's lease (nothing was done if not), whether a beat left something undone, the changes to announce,
 * what the node should know of its users, and the records that were asked for.
 */
export const SCRIPT = USER + OPERATIONS

/** What Redis calls the script once it has run. */
export const SCRIPT_SHA = hash('sha1', SCRIPT)
