/** Why a stream says what it says: fixed texts, the same live and in replay. */
export const RESYNC_REASON = 'The cursor is no place of this log any more: fetch the state anew.'
export const REVOKED_REASON = 'You are no longer a member of this conversation.'
