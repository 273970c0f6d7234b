import type { Json } from '../domain/json.ts';
import type { Cursor } from '../domain/position.ts';
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { UserSource, ConversationSource, MessageSource, EventItem, CaughtUpItem, ResyncItem, RevokedItem } from './sources.ts';
import type { MemberRecord, ReceiptRecord, PresenceRecord, SignalRecord, TypingRecord } from '../domain/records.ts';
import type { ReadReceiptRecord, DeliveryRecord } from '../services/services.ts';
import type { Viewer as ViewerSource } from '../domain/viewer.ts';
import type { StreamItem } from '../domain/event.ts';
import type { Context } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant: RFC 3339, UTC, milliseconds. */
  DateTime: { input: Date; output: Date; }
  /**
   * Any JSON value. The input field that takes it says how many bytes it may have, and 32 levels of arrays and objects are allowed there. An object key named
   * `__proto__`, `constructor` or `prototype`, or more than 100 levels, is BAD_USER_INPUT anywhere.
   */
  JSON: { input: Json; output: Json; }
  /**
   * A place in the tenant's log. Opaque: keep it, hand it back, never parse or compare it. A text that is no position is BAD_USER_INPUT;
   * a position that the log no longer reaches is answered with ResyncRequired.
   */
  Position: { input: Cursor; output: Cursor; }
};

/** The viewer is no longer in that conversation. An inbox goes on; conversationEvents ends. */
export type AccessRevoked = StreamEvent & {
  readonly __typename?: 'AccessRevoked';
  readonly conversationId: Scalars['ID']['output'];
  readonly position: Scalars['Position']['output'];
  /** Why, for a developer. */
  readonly reason: Scalars['String']['output'];
};

/** Whom to bring in. */
export type AddMembersInput = {
  readonly conversationId: Scalars['ID']['input'];
  /** At most 100. */
  readonly userIds: ReadonlyArray<Scalars['ID']['input']>;
};

/** What addMembers did. */
export type AddMembersPayload = {
  readonly __typename?: 'AddMembersPayload';
  readonly conversation: Maybe<Conversation>;
  /** The place of the last event in the log; null when all were members already, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Which conversation, and whether it goes into the archive or comes out. */
export type ArchiveConversationInput = {
  readonly archived: Scalars['Boolean']['input'];
  readonly conversationId: Scalars['ID']['input'];
};

/** What archiveConversation did. */
export type ArchiveConversationPayload = {
  readonly __typename?: 'ArchiveConversationPayload';
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when nothing had to change, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** All that was missed has been said; said again now and then while nothing happens, so that a quiet client's cursor stays fresh. */
export type CaughtUp = StreamEvent & {
  readonly __typename?: 'CaughtUp';
  readonly position: Scalars['Position']['output'];
};

/**
 * A room of members. To a viewer who is no member of a PUBLIC one it shows id, kind, title, memberCount, createdAt, archivedAt and position; everything
 * else is null or empty. Within a stream event it shows messages up to that event.
 */
export type Conversation = {
  readonly __typename?: 'Conversation';
  /** Since when it takes nothing new; null while it is open. */
  readonly archivedAt: Maybe<Scalars['DateTime']['output']>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** Who made it. Null to a viewer who is no member. */
  readonly createdBy: Maybe<User>;
  /** Made by the server. */
  readonly id: Scalars['ID']['output'];
  readonly kind: ConversationKind;
  /** The newest message, deleted or not. Null while there is none, and to a viewer who is no member. */
  readonly lastMessage: Maybe<Message>;
  /** How many members there are now. */
  readonly memberCount: Scalars['Int']['output'];
  /** Its members, in the order of user ids. Empty to a viewer who is no member. */
  readonly members: MemberConnection;
  /**
   * Its messages, oldest first; `last` and `before` page backwards from the newest, which is also what neither `first` nor `last` gives (50). All of one
   * instant with `position`. Empty to a viewer who is no member.
   */
  readonly messages: MessageConnection;
  /** What the application keeps with it. Null to a viewer who is no member. */
  readonly metadata: Maybe<Scalars['JSON']['output']>;
  /** Where the log stood when this was read: a subscription after it misses nothing of what is not shown here. */
  readonly position: Scalars['Position']['output'];
  /** At most 200 characters. Null for none, as in DIRECT ones. */
  readonly title: Maybe<Scalars['String']['output']>;
  /** Messages of others, not deleted, after the last one that the viewer has read; 0 for a viewer who is no member. */
  readonly unreadCount: Scalars['Int']['output'];
  /** The viewer as a member; null when the viewer is none. */
  readonly viewerMembership: Maybe<Member>;
};


/**
 * A room of members. To a viewer who is no member of a PUBLIC one it shows id, kind, title, memberCount, createdAt, archivedAt and position; everything
 * else is null or empty. Within a stream event it shows messages up to that event.
 */
export type ConversationMembersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * A room of members. To a viewer who is no member of a PUBLIC one it shows id, kind, title, memberCount, createdAt, archivedAt and position; everything
 * else is null or empty. Within a stream event it shows messages up to that event.
 */
export type ConversationMessagesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of conversations. */
export type ConversationConnection = {
  readonly __typename?: 'ConversationConnection';
  readonly edges: ReadonlyArray<ConversationEdge>;
  /** The same without the cursors. */
  readonly nodes: ReadonlyArray<Conversation>;
  readonly pageInfo: PageInfo;
};

/** A conversation begins; its first members are in it. */
export type ConversationCreated = ConversationEvent & StreamEvent & {
  readonly __typename?: 'ConversationCreated';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** One item of a page. */
export type ConversationEdge = {
  readonly __typename?: 'ConversationEdge';
  /** Opaque: hand it back as `after`. */
  readonly cursor: Scalars['String']['output'];
  readonly node: Conversation;
};

/** A durable change of a conversation. */
export type ConversationEvent = {
  /** Who did it; null when the server did. */
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  /** The conversation as it is now, with messages up to this event. */
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly position: Scalars['Position']['output'];
  /** Its number in its conversation: 1, 2, 3 … without holes. */
  readonly seq: Scalars['Int']['output'];
};

/** Who is in a conversation, and who may come in. */
export type ConversationKind =
  /** One per set of people, who are its members for good. */
  | 'DIRECT'
  /** By invitation; nobody else can see it. */
  | 'GROUP'
  /** Anyone of the tenant may see its id, kind, title and member count, and join. */
  | 'PUBLIC';

/** Title, metadata or archive changed. */
export type ConversationUpdated = ConversationEvent & StreamEvent & {
  readonly __typename?: 'ConversationUpdated';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** What a new conversation is to be. */
export type CreateConversationInput = {
  /** Chosen by the client and kept over its retries: a retry returns the original. At most 128 characters. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  readonly kind: ConversationKind;
  /** Who is in it beside the viewer: at most 100. For DIRECT at least one; 20 people can share one at most, the viewer included. */
  readonly memberIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** At most 8 KB as JSON. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** At most 200 characters; not for DIRECT. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
};

/** What createConversation did. */
export type CreateConversationPayload = {
  readonly __typename?: 'CreateConversationPayload';
  /** The new conversation, or the one that was there already. */
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when nothing had to be made, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Which message to delete. */
export type DeleteMessageInput = {
  readonly messageId: Scalars['ID']['input'];
};

/** What deleteMessage did. */
export type DeleteMessagePayload = {
  readonly __typename?: 'DeleteMessagePayload';
  /** What is left of it. */
  readonly message: Maybe<Message>;
  /** The place of the event in the log; null when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** How far a member has been delivered, or that it failed. user is null for SENT. */
export type DeliveryReceipt = {
  readonly __typename?: 'DeliveryReceipt';
  readonly at: Scalars['DateTime']['output'];
  readonly conversationId: Scalars['ID']['output'];
  readonly messageId: Scalars['ID']['output'];
  /** Of FAILED: what the device said. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** The message's number in its conversation. */
  readonly seq: Scalars['Int']['output'];
  readonly status: DeliveryStatus;
  /** Null for SENT. */
  readonly user: Maybe<User>;
};

/** How a message fared. */
export type DeliveryStatus =
  /** It, and all before it, has reached the user. */
  | 'DELIVERED'
  /** The user's device could not take it. */
  | 'FAILED'
  /** It is stored for good. */
  | 'SENT';

/** Which message, and its new words. */
export type EditMessageInput = {
  /** 1 to 10,000 code points. */
  readonly content: Scalars['String']['input'];
  /** Where given, the edit is a CONFLICT unless the message has this version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  readonly messageId: Scalars['ID']['input'];
};

/** What editMessage did. */
export type EditMessagePayload = {
  readonly __typename?: 'EditMessagePayload';
  readonly message: Maybe<Message>;
  /** The place of the event in the log; null when nothing had to change, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** The reasons for which a rule refuses a mutation. */
export type ErrorCode =
  /** The conversation is archived: it can be read, and takes nothing new. */
  | 'ARCHIVED'
  /** Somebody was faster: read again. */
  | 'CONFLICT'
  /** The message was deleted. */
  | 'DELETED'
  /** It can be seen, but this viewer may not do this to it. */
  | 'FORBIDDEN'
  /** The same clientMessageId or idempotencyKey with another input. */
  | 'IDEMPOTENCY_CONFLICT'
  /** The value breaks a rule that is not about its length. */
  | 'INVALID'
  /** A limit on how many there may be is reached. */
  | 'LIMIT_REACHED'
  /** No such thing, or none that the viewer may see: the two are told apart by nothing. */
  | 'NOT_FOUND'
  /** refreshSession outside an open socket. */
  | 'NO_SESSION'
  /** The text, list or JSON is longer than its limit. */
  | 'TOO_LONG';

/** Which conversation to come into. */
export type JoinConversationInput = {
  readonly conversationId: Scalars['ID']['input'];
};

/** What joinConversation did. */
export type JoinConversationPayload = {
  readonly __typename?: 'JoinConversationPayload';
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when the viewer was a member already, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Which conversation to go out of. */
export type LeaveConversationInput = {
  readonly conversationId: Scalars['ID']['input'];
};

/** What leaveConversation did. */
export type LeaveConversationPayload = {
  readonly __typename?: 'LeaveConversationPayload';
  /** Null when the viewer may not see it any more, which is so unless it is PUBLIC. */
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** The newest message that has reached the viewer. */
export type MarkDeliveredInput = {
  readonly messageId: Scalars['ID']['input'];
};

/** What markDelivered did. */
export type MarkDeliveredPayload = {
  readonly __typename?: 'MarkDeliveredPayload';
  /** The viewer as a member, as it is now. */
  readonly member: Maybe<Member>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** The newest message that the viewer has read. */
export type MarkReadInput = {
  readonly messageId: Scalars['ID']['input'];
};

/** What markRead did. */
export type MarkReadPayload = {
  readonly __typename?: 'MarkReadPayload';
  /** The viewer as a member, as it is now. */
  readonly member: Maybe<Member>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A user in a conversation, as of now. In an event that is replayed after the user left it shows an ordinary member who has read nothing. */
export type Member = {
  readonly __typename?: 'Member';
  readonly conversationId: Scalars['ID']['output'];
  /** When the present membership began. */
  readonly joinedAt: Scalars['DateTime']['output'];
  /** When it last advanced. */
  readonly lastDeliveredAt: Maybe<Scalars['DateTime']['output']>;
  /** All messages up to this number have reached this member; 0 for none. */
  readonly lastDeliveredSeq: Scalars['Int']['output'];
  /** When it last advanced. */
  readonly lastReadAt: Maybe<Scalars['DateTime']['output']>;
  /** This member has read all messages up to this number; 0 for none. */
  readonly lastReadSeq: Scalars['Int']['output'];
  readonly role: MemberRole;
  readonly user: User;
};

/** A page of members. */
export type MemberConnection = {
  readonly __typename?: 'MemberConnection';
  readonly edges: ReadonlyArray<MemberEdge>;
  /** The same without the cursors. */
  readonly nodes: ReadonlyArray<Member>;
  readonly pageInfo: PageInfo;
};

/** One item of a page. */
export type MemberEdge = {
  readonly __typename?: 'MemberEdge';
  /** Opaque: hand it back as `after`. */
  readonly cursor: Scalars['String']['output'];
  readonly node: Member;
};

/** A user is a member from here on. What precedes it is not replayed: page through messages. */
export type MemberJoined = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MemberJoined';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly member: Member;
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** A user is no member any more. It is the last event that this user gets of this conversation. */
export type MemberLeft = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MemberLeft';
  /** Who did it: the user itself, or who put it out. */
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
  /** Who left. */
  readonly user: User;
};

/** What a member may do, most first. */
export type MemberRole =
  /** Changes the conversation, brings members in and puts them out. */
  | 'ADMIN'
  /** Reads and writes. */
  | 'MEMBER'
  /** Everything, roles included. */
  | 'OWNER';

/** A member has another role. */
export type MemberUpdated = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MemberUpdated';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly member: Member;
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** What a member said. A deleted one stays in its place, without its words. */
export type Message = {
  readonly __typename?: 'Message';
  /** What the sender chose, for telling an own message when it comes back. */
  readonly clientMessageId: Maybe<Scalars['String']['output']>;
  /** At most 10,000 code points. Null once deleted. */
  readonly content: Maybe<Scalars['String']['output']>;
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** When it was deleted; null while it stands. */
  readonly deletedAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was last edited; null when never. */
  readonly editedAt: Maybe<Scalars['DateTime']['output']>;
  /** Made by the server. */
  readonly id: Scalars['ID']['output'];
  /** Whom it names. */
  readonly mentions: ReadonlyArray<User>;
  /** What the application keeps with it. Null once deleted. */
  readonly metadata: Maybe<Scalars['JSON']['output']>;
  /** What became of it at each other member, in the order of user ids. */
  readonly receipts: ReceiptConnection;
  /** The message that it answers, of the same conversation. */
  readonly replyTo: Maybe<Message>;
  readonly sender: User;
  /** Its number in its conversation, shared with the conversation's other events: rising, not dense over messages alone. */
  readonly seq: Scalars['Int']['output'];
  /** 1 when sent, one more with each edit and with the deletion. */
  readonly version: Scalars['Int']['output'];
};


/** What a member said. A deleted one stays in its place, without its words. */
export type MessageReceiptsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of messages. */
export type MessageConnection = {
  readonly __typename?: 'MessageConnection';
  readonly edges: ReadonlyArray<MessageEdge>;
  /** The same without the cursors. */
  readonly nodes: ReadonlyArray<Message>;
  readonly pageInfo: PageInfo;
};

/** A message lost its words. */
export type MessageDeleted = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MessageDeleted';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  /** What is left of it. */
  readonly message: Message;
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** One item of a page. */
export type MessageEdge = {
  readonly __typename?: 'MessageEdge';
  /** Opaque: hand it back as `after` or `before`. */
  readonly cursor: Scalars['String']['output'];
  readonly node: Message;
};

/** A message has other words. */
export type MessageEdited = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MessageEdited';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  /** As it is now, never older than the event. */
  readonly message: Message;
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** A message was sent. */
export type MessageSent = ConversationEvent & StreamEvent & {
  readonly __typename?: 'MessageSent';
  readonly actor: Maybe<User>;
  readonly at: Scalars['DateTime']['output'];
  readonly conversation: Conversation;
  readonly conversationId: Scalars['ID']['output'];
  /** As it is now, never older than the event. */
  readonly message: Message;
  readonly position: Scalars['Position']['output'];
  readonly seq: Scalars['Int']['output'];
};

/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /**
   * Brings users in, as OWNER or ADMIN; those who are in already stay as they are. userErrors: NOT_FOUND, FORBIDDEN, ARCHIVED, LIMIT_REACHED,
   * CONFLICT.
   */
  readonly addMembers: Maybe<AddMembersPayload>;
  /** Archives, or takes out of the archive, as OWNER or ADMIN; not a DIRECT one. userErrors: NOT_FOUND, FORBIDDEN, CONFLICT. */
  readonly archiveConversation: Maybe<ArchiveConversationPayload>;
  /**
   * Makes a conversation with the viewer as its OWNER (in a DIRECT one everybody is MEMBER). A DIRECT one that exists between the same users is returned
   * instead of a second one. userErrors: INVALID, TOO_LONG, NOT_FOUND (a member who is no user), LIMIT_REACHED, IDEMPOTENCY_CONFLICT, CONFLICT.
   */
  readonly createConversation: Maybe<CreateConversationPayload>;
  /** Takes a message's words away for good: the viewer's own, or anyone's as OWNER or ADMIN. userErrors: NOT_FOUND, FORBIDDEN, DELETED. */
  readonly deleteMessage: Maybe<DeleteMessagePayload>;
  /** Gives the viewer's own message other words. userErrors: NOT_FOUND, FORBIDDEN, INVALID, TOO_LONG, DELETED, ARCHIVED, CONFLICT (another version). */
  readonly editMessage: Maybe<EditMessagePayload>;
  /** Comes into a PUBLIC conversation; whoever comes first into one that all have left owns it. Once in, joining again changes nothing. userErrors: NOT_FOUND, ARCHIVED, LIMIT_REACHED, CONFLICT. */
  readonly joinConversation: Maybe<JoinConversationPayload>;
  /** Goes out of a GROUP or PUBLIC conversation. userErrors: NOT_FOUND, FORBIDDEN (a DIRECT one, or its last OWNER), CONFLICT. */
  readonly leaveConversation: Maybe<LeaveConversationPayload>;
  /** This message and all before it in its conversation. Going back changes nothing. userErrors: NOT_FOUND. */
  readonly markDelivered: Maybe<MarkDeliveredPayload>;
  /** This message and all before it in its conversation; read implies delivered. Going back changes nothing. userErrors: NOT_FOUND. */
  readonly markRead: Maybe<MarkReadPayload>;
  /**
   * The open socket goes on under a new token of the same user and tenant. userErrors: NO_SESSION (not over a socket), INVALID (the token does not verify),
   * FORBIDDEN (a token of somebody else).
   */
  readonly refreshSession: Maybe<RefreshSessionPayload>;
  /** Puts a member out, as OWNER or ADMIN. No event after that one reaches them. userErrors: NOT_FOUND, FORBIDDEN, INVALID (oneself), CONFLICT. */
  readonly removeMember: Maybe<RemoveMemberPayload>;
  /** The viewer's device could not take this message. A later delivery supersedes it. userErrors: NOT_FOUND, INVALID, TOO_LONG. */
  readonly reportDeliveryFailure: Maybe<ReportDeliveryFailurePayload>;
  /**
   * Takes tokens back, as an admin of the tenant (one whose token has the role `admin`): all that a user has been issued until now, or a single one. They
   * are refused from now on, and their open sockets closed with 4403, on every node. An issuer's clock may be 5 seconds ahead: a token that the user is
   * issued within 5 seconds after this is refused too, so that the user has to sign in again after that. Whether there is such a user or token is not told.
   * userErrors: FORBIDDEN (not an admin), INVALID (neither or both are given), TOO_LONG.
   */
  readonly revokeSessions: Maybe<RevokeSessionsPayload>;
  /** Finds or makes the DIRECT conversation of the viewer and these users, and sends to it. userErrors: as sendMessage, and LIMIT_REACHED. */
  readonly sendDirectMessage: Maybe<SendMessagePayload>;
  /**
   * Sends a message; the answer comes once it is stored for good. userErrors: NOT_FOUND, FORBIDDEN, INVALID, TOO_LONG, ARCHIVED, IDEMPOTENCY_CONFLICT,
   * CONFLICT.
   */
  readonly sendMessage: Maybe<SendMessagePayload>;
  /** Sends something to members who listen right now, as for call signalling. Never stored. userErrors: NOT_FOUND, FORBIDDEN, INVALID, TOO_LONG, ARCHIVED. */
  readonly sendSignal: Maybe<SendSignalPayload>;
  /** Shows, or takes back, that the viewer is typing. Repeat it while typing goes on. Never stored. userErrors: NOT_FOUND, FORBIDDEN, ARCHIVED. */
  readonly setTyping: Maybe<SetTypingPayload>;
  /** Changes the title or the metadata, as OWNER or ADMIN; not of a DIRECT one. userErrors: NOT_FOUND, FORBIDDEN, INVALID, TOO_LONG, ARCHIVED, CONFLICT. */
  readonly updateConversation: Maybe<UpdateConversationPayload>;
  /** Gives a member another role, as OWNER; the last OWNER keeps it. userErrors: NOT_FOUND, FORBIDDEN, ARCHIVED, CONFLICT. */
  readonly updateMember: Maybe<UpdateMemberPayload>;
  /** How the viewer wants to be seen. userErrors: INVALID, TOO_LONG. */
  readonly updatePresence: Maybe<UpdatePresencePayload>;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationAddMembersArgs = {
  input: AddMembersInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationArchiveConversationArgs = {
  input: ArchiveConversationInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationCreateConversationArgs = {
  input: CreateConversationInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationDeleteMessageArgs = {
  input: DeleteMessageInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationEditMessageArgs = {
  input: EditMessageInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationJoinConversationArgs = {
  input: JoinConversationInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationLeaveConversationArgs = {
  input: LeaveConversationInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationMarkDeliveredArgs = {
  input: MarkDeliveredInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationMarkReadArgs = {
  input: MarkReadInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationRefreshSessionArgs = {
  input: RefreshSessionInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationRemoveMemberArgs = {
  input: RemoveMemberInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationReportDeliveryFailureArgs = {
  input: ReportDeliveryFailureInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationRevokeSessionsArgs = {
  input: RevokeSessionsInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationSendDirectMessageArgs = {
  input: SendDirectMessageInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationSendMessageArgs = {
  input: SendMessageInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationSendSignalArgs = {
  input: SendSignalInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationSetTypingArgs = {
  input: SetTypingInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationUpdateConversationArgs = {
  input: UpdateConversationInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationUpdateMemberArgs = {
  input: UpdateMemberInput;
};


/** What can be done. Every field is nullable, so that one refused mutation of a document never hides another that was done. */
export type MutationUpdatePresenceArgs = {
  input: UpdatePresenceInput;
};

/**
 * Where a page stands in its list. Lists take `first` (0 to 100) with `after`; those that can be read backwards also `last` with `before`. More than 100,
 * a negative number, both directions at once or a cursor of another list is BAD_USER_INPUT.
 */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the page's last item: hand it back as `after`. Null when the page is empty. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** Whether the list goes on behind this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether the list goes on before this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the page's first item; null when the page is empty. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

/** Whether a user is there, over all devices. */
export type Presence = {
  readonly __typename?: 'Presence';
  /** When the user was last active; null when that is not known. */
  readonly lastSeenAt: Maybe<Scalars['DateTime']['output']>;
  readonly status: PresenceStatus;
  /** What the user wrote about it. */
  readonly statusText: Maybe<Scalars['String']['output']>;
  readonly user: User;
};

/** Whether a user is there. */
export type PresenceStatus =
  /** All connections are idle, or the user chose it. */
  | 'AWAY'
  /** There is no connection, or the user chose it. */
  | 'OFFLINE'
  /** A connection was active within the last five minutes. */
  | 'ONLINE';

/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type Query = {
  readonly __typename?: 'Query';
  /** Null when there is none that the viewer may see. */
  readonly conversation: Maybe<Conversation>;
  /** The viewer's, latest activity first. */
  readonly conversations: ConversationConnection;
  /**
   * What inbox would have said: catching up without a socket. The last page ends with CaughtUp; a cursor that the log does not know gives ResyncRequired.
   * A page may be short, or empty, without being the last: `hasNextPage` says so, and `endCursor` is where to go on.
   */
  readonly events: StreamEventConnection;
  /** Null when there is none in a conversation that the viewer is a member of. */
  readonly message: Maybe<Message>;
  /** Whether these users are there, in the order of the ids. At most 100, else BAD_USER_INPUT. OFFLINE for an id that is no user of the tenant. */
  readonly presence: ReadonlyArray<Presence>;
  /** Every PUBLIC one of the tenant, newest first. */
  readonly publicConversations: ConversationConnection;
  /** Any user of the viewer's tenant, by the token's sub; null when there is none. */
  readonly user: Maybe<User>;
  /** Who asks, and how the viewer stands. */
  readonly viewer: Viewer;
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryConversationArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryConversationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryEventsArgs = {
  after: Scalars['Position']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryMessageArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryPresenceArgs = {
  userIds: ReadonlyArray<Scalars['ID']['input']>;
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryPublicConversationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. Something that the viewer may not see is null, exactly as if it did not exist. */
export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};

/** One token bucket of the viewer. */
export type RateLimit = {
  readonly __typename?: 'RateLimit';
  /** Its name, as RATE_LIMITED errors say it: `message:send`. */
  readonly event: Scalars['String']['output'];
  /** How many tokens it holds when full. */
  readonly limit: Scalars['Int']['output'];
  /** How many whole tokens are left. */
  readonly remaining: Scalars['Int']['output'];
  /** Milliseconds until there is a token; 0 while there is one. */
  readonly retryAfterMs: Scalars['Int']['output'];
};

/** How far a member has read. */
export type ReadReceipt = {
  readonly __typename?: 'ReadReceipt';
  readonly conversationId: Scalars['ID']['output'];
  /** The newest message that was read. */
  readonly messageId: Scalars['ID']['output'];
  readonly readAt: Scalars['DateTime']['output'];
  /** Its number: all up to it have been read. */
  readonly seq: Scalars['Int']['output'];
  readonly user: User;
};

/** What became of one message at one member: exact times. */
export type Receipt = {
  readonly __typename?: 'Receipt';
  /** Null until it was delivered. */
  readonly deliveredAt: Maybe<Scalars['DateTime']['output']>;
  /** When a delivery failed; null when none did, or when a later one succeeded. */
  readonly failedAt: Maybe<Scalars['DateTime']['output']>;
  /** What the device said about it. */
  readonly failureReason: Maybe<Scalars['String']['output']>;
  /** Null until it was read. */
  readonly readAt: Maybe<Scalars['DateTime']['output']>;
  readonly user: User;
};

/** A page of receipts. */
export type ReceiptConnection = {
  readonly __typename?: 'ReceiptConnection';
  readonly edges: ReadonlyArray<ReceiptEdge>;
  /** The same without the cursors. */
  readonly nodes: ReadonlyArray<Receipt>;
  readonly pageInfo: PageInfo;
};

/** One item of a page. */
export type ReceiptEdge = {
  readonly __typename?: 'ReceiptEdge';
  /** Opaque: hand it back as `after`. */
  readonly cursor: Scalars['String']['output'];
  readonly node: Receipt;
};

/** The new token, without "Bearer". */
export type RefreshSessionInput = {
  readonly token: Scalars['String']['input'];
};

/** What refreshSession did. */
export type RefreshSessionPayload = {
  readonly __typename?: 'RefreshSessionPayload';
  /** When the new token expires; null when refused. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Whom to put out. */
export type RemoveMemberInput = {
  readonly conversationId: Scalars['ID']['input'];
  readonly userId: Scalars['ID']['input'];
};

/** What removeMember did. */
export type RemoveMemberPayload = {
  readonly __typename?: 'RemoveMemberPayload';
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Which message could not be taken, and why. */
export type ReportDeliveryFailureInput = {
  readonly messageId: Scalars['ID']['input'];
  /** At most 500 characters. */
  readonly reason: Scalars['String']['input'];
};

/** What reportDeliveryFailure did. */
export type ReportDeliveryFailurePayload = {
  readonly __typename?: 'ReportDeliveryFailurePayload';
  readonly message: Maybe<Message>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** What is between the cursor and this position cannot be replayed: fetch the state anew. The stream goes on from here. */
export type ResyncRequired = StreamEvent & {
  readonly __typename?: 'ResyncRequired';
  readonly position: Scalars['Position']['output'];
  /** Why, for a developer. */
  readonly reason: Scalars['String']['output'];
};

/** Whose tokens, or which one: exactly one of the two. */
export type RevokeSessionsInput = {
  /** The `jti` of one token. */
  readonly tokenId?: InputMaybe<Scalars['String']['input']>;
  /** A user of the viewer's tenant: every token whose `iat` is not more than 5 seconds after now, or that has none. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** What revokeSessions did. */
export type RevokeSessionsPayload = {
  readonly __typename?: 'RevokeSessionsPayload';
  /** A token of the user whose `iat` is more than 5 seconds later is good; null when refused. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** What is to be sent, and to whom. clientMessageId as in SendMessageInput. */
export type SendDirectMessageInput = {
  /** At most 128 characters. The same with another input is IDEMPOTENCY_CONFLICT. */
  readonly clientMessageId: Scalars['String']['input'];
  /** 1 to 10,000 code points. */
  readonly content: Scalars['String']['input'];
  /** Members of the conversation. */
  readonly mentions?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** At most 8 KB as JSON. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** A message of the same conversation. */
  readonly replyToId?: InputMaybe<Scalars['ID']['input']>;
  /** Everyone but the viewer: 1 to 19. */
  readonly userIds: ReadonlyArray<Scalars['ID']['input']>;
};

/** What is to be sent. clientMessageId: chosen by the client, kept over its retries; a retry returns the original, for ever, on any node. */
export type SendMessageInput = {
  /** At most 128 characters. The same with another input is IDEMPOTENCY_CONFLICT. */
  readonly clientMessageId: Scalars['String']['input'];
  /** 1 to 10,000 code points. */
  readonly content: Scalars['String']['input'];
  readonly conversationId: Scalars['ID']['input'];
  /** Members of the conversation. */
  readonly mentions?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
  /** At most 8 KB as JSON. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** A message of the same conversation. */
  readonly replyToId?: InputMaybe<Scalars['ID']['input']>;
};

/** What sendMessage or sendDirectMessage did. */
export type SendMessagePayload = {
  readonly __typename?: 'SendMessagePayload';
  /** The message; of a retry, the original as it is now. */
  readonly message: Maybe<Message>;
  /** The place of its MessageSent in the log; null when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** What is to be sent. toUserId: one member; absent, every other member. */
export type SendSignalInput = {
  readonly conversationId: Scalars['ID']['input'];
  /** At most 32 KB as JSON. */
  readonly payload?: InputMaybe<Scalars['JSON']['input']>;
  /** A member of the conversation. */
  readonly toUserId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 64 letters, digits and the characters `. _ : -`. */
  readonly type: Scalars['String']['input'];
};

/** What sendSignal did. */
export type SendSignalPayload = {
  readonly __typename?: 'SendSignalPayload';
  readonly signal: Maybe<Signal>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Where, and whether. */
export type SetTypingInput = {
  readonly conversationId: Scalars['ID']['input'];
  readonly isTyping: Scalars['Boolean']['input'];
};

/** What setTyping did. */
export type SetTypingPayload = {
  readonly __typename?: 'SetTypingPayload';
  /** Until when it shows without another call; null when refused. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A short-lived message between members. */
export type Signal = {
  readonly __typename?: 'Signal';
  readonly at: Scalars['DateTime']['output'];
  readonly conversationId: Scalars['ID']['output'];
  /** Who sent it. */
  readonly from: User;
  /** Made by the server. */
  readonly id: Scalars['ID']['output'];
  readonly payload: Maybe<Scalars['JSON']['output']>;
  /** The one member that it is for; null when it is for every other. */
  readonly toUserId: Maybe<Scalars['ID']['output']>;
  /** The application's own word for what it is. */
  readonly type: Scalars['String']['output'];
};

/** One thing that a durable stream says, exactly once and in order. */
export type StreamEvent = {
  /** The cursor that a client keeps once it has taken this. */
  readonly position: Scalars['Position']['output'];
};

/** A page of the log. */
export type StreamEventConnection = {
  readonly __typename?: 'StreamEventConnection';
  readonly edges: ReadonlyArray<StreamEventEdge>;
  /** The same without the cursors. */
  readonly nodes: ReadonlyArray<StreamEvent>;
  readonly pageInfo: PageInfo;
};

/** One item of a page. */
export type StreamEventEdge = {
  readonly __typename?: 'StreamEventEdge';
  /** The event's position as text. */
  readonly cursor: Scalars['String']['output'];
  readonly node: StreamEvent;
};

/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** The same of one conversation. For members; ends after AccessRevoked. */
  readonly conversationEvents: StreamEvent;
  /**
   * How far each member has been delivered, then each advance and failure, and SENT once for each new message. For members; losing the membership ends it
   * with ACCESS_REVOKED.
   */
  readonly deliveries: DeliveryReceipt;
  /** Every durable event of every conversation while the viewer was in it, in the order of the log. */
  readonly inbox: StreamEvent;
  /** State first, then changes: of these users, or of a conversation's members, or (neither given) of the whole tenant up to its configured size. */
  readonly presence: Presence;
  /** How far each member has read, then each advance. For members; losing the membership ends it with ACCESS_REVOKED. */
  readonly readReceipts: ReadReceipt;
  /** What other members send with sendSignal: in one conversation, or in all of the viewer's. Never stored. */
  readonly signals: Signal;
  /** Who is typing now, then each change. For members; losing the membership ends it with ACCESS_REVOKED. */
  readonly typing: TypingState;
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionConversationEventsArgs = {
  after?: InputMaybe<Scalars['Position']['input']>;
  conversationId: Scalars['ID']['input'];
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionDeliveriesArgs = {
  conversationId: Scalars['ID']['input'];
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionInboxArgs = {
  after?: InputMaybe<Scalars['Position']['input']>;
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionPresenceArgs = {
  conversationId?: InputMaybe<Scalars['ID']['input']>;
  userIds?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionReadReceiptsArgs = {
  conversationId: Scalars['ID']['input'];
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionSignalsArgs = {
  conversationId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * What is said as it happens. Each result of inbox and conversationEvents carries `extensions.position`: a subscription that begins with
 * `extensions.resumeAfter` set to it goes on there. `resumeAfter` wins over the argument `after`. Opening may be refused with NOT_FOUND, FORBIDDEN,
 * TOO_MANY_SUBSCRIPTIONS, TOO_MANY_SELECTIONS or UNAVAILABLE.
 */
export type SubscriptionTypingArgs = {
  conversationId: Scalars['ID']['input'];
};

/** Whether a user is typing. Sending a message ends it. */
export type TypingState = {
  readonly __typename?: 'TypingState';
  readonly conversationId: Scalars['ID']['output'];
  /** Until when to show it when nothing more is heard. */
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly isTyping: Scalars['Boolean']['output'];
  readonly user: User;
};

/** What is to change. What is absent stays; null clears it. */
export type UpdateConversationInput = {
  readonly conversationId: Scalars['ID']['input'];
  /** At most 8 KB as JSON; replaces the old one whole. */
  readonly metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** At most 200 characters. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
};

/** What updateConversation did. */
export type UpdateConversationPayload = {
  readonly __typename?: 'UpdateConversationPayload';
  readonly conversation: Maybe<Conversation>;
  /** The place of the event in the log; null when nothing had to change, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Who is to have which role. */
export type UpdateMemberInput = {
  readonly conversationId: Scalars['ID']['input'];
  readonly role: MemberRole;
  readonly userId: Scalars['ID']['input'];
};

/** What updateMember did. */
export type UpdateMemberPayload = {
  readonly __typename?: 'UpdateMemberPayload';
  readonly member: Maybe<Member>;
  /** The place of the event in the log; null when nothing had to change, and when refused. */
  readonly position: Maybe<Scalars['Position']['output']>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** How the viewer wants to be seen. */
export type UpdatePresenceInput = {
  /** ONLINE takes an earlier choice back; AWAY and OFFLINE hide being online. */
  readonly status: PresenceStatus;
  /** At most 100 characters; null or absent clears it. */
  readonly statusText?: InputMaybe<Scalars['String']['input']>;
};

/** What updatePresence did. */
export type UpdatePresencePayload = {
  readonly __typename?: 'UpdatePresencePayload';
  /** The viewer's presence as others see it. */
  readonly presence: Maybe<Presence>;
  /** Why nothing was done; empty when it was. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A person or a program of the tenant; it exists from its first valid token on. Its id is the token's sub. */
export type User = {
  readonly __typename?: 'User';
  /** The newest token's picture; null when none said one. */
  readonly avatarUrl: Maybe<Scalars['String']['output']>;
  /** The token's sub. */
  readonly id: Scalars['ID']['output'];
  /** The newest token's name; null when none said one. */
  readonly name: Maybe<Scalars['String']['output']>;
};

/**
 * Why a mutation did nothing: a rule or the state of things refused it. The other fields of the payload are null then. Errors of the request itself
 * (parse, validation, rate limit, server faults) are top-level errors instead, with `extensions.code`.
 */
export type UserError = {
  readonly __typename?: 'UserError';
  /** What a program decides by. */
  readonly code: ErrorCode;
  /** The path of the input at fault, from the argument down: `["input", "content"]`. Null when no single one is. */
  readonly field: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** What a developer reads. It repeats nothing that was sent, and is not meant for users. */
  readonly message: Scalars['String']['output'];
};

/** Who asks: what the token says. */
export type Viewer = {
  readonly __typename?: 'Viewer';
  /** How full each bucket is, in no particular order. Looking takes no token. */
  readonly limits: ReadonlyArray<RateLimit>;
  /** Read it before the state that you show, then subscribe after it: nothing is missed. In one query with that state it is read first, wherever it stands. */
  readonly position: Scalars['Position']['output'];
  /** The token's roles. */
  readonly roles: ReadonlyArray<Scalars['String']['output']>;
  /** The token's tenant. Nothing of another tenant can be seen or named. */
  readonly tenantId: Scalars['ID']['output'];
  /** The viewer as other users see it. */
  readonly user: User;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AccessRevoked: ResolverTypeWrapper<RevokedItem>;
  AddMembersInput: AddMembersInput;
  AddMembersPayload: ResolverTypeWrapper<Omit<AddMembersPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  ArchiveConversationInput: ArchiveConversationInput;
  ArchiveConversationPayload: ResolverTypeWrapper<Omit<ArchiveConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CaughtUp: ResolverTypeWrapper<CaughtUpItem>;
  Conversation: ResolverTypeWrapper<ConversationSource>;
  ConversationConnection: ResolverTypeWrapper<Omit<ConversationConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ConversationEdge']>, nodes: ReadonlyArray<ResolversTypes['Conversation']> }>;
  ConversationCreated: ResolverTypeWrapper<EventItem>;
  ConversationEdge: ResolverTypeWrapper<Omit<ConversationEdge, 'node'> & { node: ResolversTypes['Conversation'] }>;
  ConversationEvent: ResolverTypeWrapper<EventItem>;
  ConversationKind: ConversationKind;
  ConversationUpdated: ResolverTypeWrapper<EventItem>;
  CreateConversationInput: CreateConversationInput;
  CreateConversationPayload: ResolverTypeWrapper<Omit<CreateConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteMessageInput: DeleteMessageInput;
  DeleteMessagePayload: ResolverTypeWrapper<Omit<DeleteMessagePayload, 'message'> & { message?: Maybe<ResolversTypes['Message']> }>;
  DeliveryReceipt: ResolverTypeWrapper<DeliveryRecord>;
  DeliveryStatus: DeliveryStatus;
  EditMessageInput: EditMessageInput;
  EditMessagePayload: ResolverTypeWrapper<Omit<EditMessagePayload, 'message'> & { message?: Maybe<ResolversTypes['Message']> }>;
  ErrorCode: ErrorCode;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  JoinConversationInput: JoinConversationInput;
  JoinConversationPayload: ResolverTypeWrapper<Omit<JoinConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  LeaveConversationInput: LeaveConversationInput;
  LeaveConversationPayload: ResolverTypeWrapper<Omit<LeaveConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  MarkDeliveredInput: MarkDeliveredInput;
  MarkDeliveredPayload: ResolverTypeWrapper<Omit<MarkDeliveredPayload, 'member'> & { member?: Maybe<ResolversTypes['Member']> }>;
  MarkReadInput: MarkReadInput;
  MarkReadPayload: ResolverTypeWrapper<Omit<MarkReadPayload, 'member'> & { member?: Maybe<ResolversTypes['Member']> }>;
  Member: ResolverTypeWrapper<MemberRecord>;
  MemberConnection: ResolverTypeWrapper<Omit<MemberConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['MemberEdge']>, nodes: ReadonlyArray<ResolversTypes['Member']> }>;
  MemberEdge: ResolverTypeWrapper<Omit<MemberEdge, 'node'> & { node: ResolversTypes['Member'] }>;
  MemberJoined: ResolverTypeWrapper<EventItem>;
  MemberLeft: ResolverTypeWrapper<EventItem>;
  MemberRole: MemberRole;
  MemberUpdated: ResolverTypeWrapper<EventItem>;
  Message: ResolverTypeWrapper<MessageSource>;
  MessageConnection: ResolverTypeWrapper<Omit<MessageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['MessageEdge']>, nodes: ReadonlyArray<ResolversTypes['Message']> }>;
  MessageDeleted: ResolverTypeWrapper<EventItem>;
  MessageEdge: ResolverTypeWrapper<Omit<MessageEdge, 'node'> & { node: ResolversTypes['Message'] }>;
  MessageEdited: ResolverTypeWrapper<EventItem>;
  MessageSent: ResolverTypeWrapper<EventItem>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Position: ResolverTypeWrapper<Scalars['Position']['output']>;
  Presence: ResolverTypeWrapper<PresenceRecord>;
  PresenceStatus: PresenceStatus;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RateLimit: ResolverTypeWrapper<RateLimit>;
  ReadReceipt: ResolverTypeWrapper<ReadReceiptRecord>;
  Receipt: ResolverTypeWrapper<ReceiptRecord>;
  ReceiptConnection: ResolverTypeWrapper<Omit<ReceiptConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ReceiptEdge']>, nodes: ReadonlyArray<ResolversTypes['Receipt']> }>;
  ReceiptEdge: ResolverTypeWrapper<Omit<ReceiptEdge, 'node'> & { node: ResolversTypes['Receipt'] }>;
  RefreshSessionInput: RefreshSessionInput;
  RefreshSessionPayload: ResolverTypeWrapper<RefreshSessionPayload>;
  RemoveMemberInput: RemoveMemberInput;
  RemoveMemberPayload: ResolverTypeWrapper<Omit<RemoveMemberPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  ReportDeliveryFailureInput: ReportDeliveryFailureInput;
  ReportDeliveryFailurePayload: ResolverTypeWrapper<Omit<ReportDeliveryFailurePayload, 'message'> & { message?: Maybe<ResolversTypes['Message']> }>;
  ResyncRequired: ResolverTypeWrapper<ResyncItem>;
  RevokeSessionsInput: RevokeSessionsInput;
  RevokeSessionsPayload: ResolverTypeWrapper<RevokeSessionsPayload>;
  SendDirectMessageInput: SendDirectMessageInput;
  SendMessageInput: SendMessageInput;
  SendMessagePayload: ResolverTypeWrapper<Omit<SendMessagePayload, 'message'> & { message?: Maybe<ResolversTypes['Message']> }>;
  SendSignalInput: SendSignalInput;
  SendSignalPayload: ResolverTypeWrapper<Omit<SendSignalPayload, 'signal'> & { signal?: Maybe<ResolversTypes['Signal']> }>;
  SetTypingInput: SetTypingInput;
  SetTypingPayload: ResolverTypeWrapper<SetTypingPayload>;
  Signal: ResolverTypeWrapper<SignalRecord>;
  StreamEvent: ResolverTypeWrapper<StreamItem>;
  StreamEventConnection: ResolverTypeWrapper<Omit<StreamEventConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['StreamEventEdge']>, nodes: ReadonlyArray<ResolversTypes['StreamEvent']> }>;
  StreamEventEdge: ResolverTypeWrapper<Omit<StreamEventEdge, 'node'> & { node: ResolversTypes['StreamEvent'] }>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TypingState: ResolverTypeWrapper<TypingRecord>;
  UpdateConversationInput: UpdateConversationInput;
  UpdateConversationPayload: ResolverTypeWrapper<Omit<UpdateConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversTypes['Conversation']> }>;
  UpdateMemberInput: UpdateMemberInput;
  UpdateMemberPayload: ResolverTypeWrapper<Omit<UpdateMemberPayload, 'member'> & { member?: Maybe<ResolversTypes['Member']> }>;
  UpdatePresenceInput: UpdatePresenceInput;
  UpdatePresencePayload: ResolverTypeWrapper<Omit<UpdatePresencePayload, 'presence'> & { presence?: Maybe<ResolversTypes['Presence']> }>;
  User: ResolverTypeWrapper<UserSource>;
  UserError: ResolverTypeWrapper<UserError>;
  Viewer: ResolverTypeWrapper<ViewerSource>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AccessRevoked: RevokedItem;
  AddMembersInput: AddMembersInput;
  AddMembersPayload: Omit<AddMembersPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  ArchiveConversationInput: ArchiveConversationInput;
  ArchiveConversationPayload: Omit<ArchiveConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  Boolean: Scalars['Boolean']['output'];
  CaughtUp: CaughtUpItem;
  Conversation: ConversationSource;
  ConversationConnection: Omit<ConversationConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ConversationEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Conversation']> };
  ConversationCreated: EventItem;
  ConversationEdge: Omit<ConversationEdge, 'node'> & { node: ResolversParentTypes['Conversation'] };
  ConversationEvent: EventItem;
  ConversationUpdated: EventItem;
  CreateConversationInput: CreateConversationInput;
  CreateConversationPayload: Omit<CreateConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  DateTime: Scalars['DateTime']['output'];
  DeleteMessageInput: DeleteMessageInput;
  DeleteMessagePayload: Omit<DeleteMessagePayload, 'message'> & { message?: Maybe<ResolversParentTypes['Message']> };
  DeliveryReceipt: DeliveryRecord;
  EditMessageInput: EditMessageInput;
  EditMessagePayload: Omit<EditMessagePayload, 'message'> & { message?: Maybe<ResolversParentTypes['Message']> };
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  JoinConversationInput: JoinConversationInput;
  JoinConversationPayload: Omit<JoinConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  LeaveConversationInput: LeaveConversationInput;
  LeaveConversationPayload: Omit<LeaveConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  MarkDeliveredInput: MarkDeliveredInput;
  MarkDeliveredPayload: Omit<MarkDeliveredPayload, 'member'> & { member?: Maybe<ResolversParentTypes['Member']> };
  MarkReadInput: MarkReadInput;
  MarkReadPayload: Omit<MarkReadPayload, 'member'> & { member?: Maybe<ResolversParentTypes['Member']> };
  Member: MemberRecord;
  MemberConnection: Omit<MemberConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['MemberEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Member']> };
  MemberEdge: Omit<MemberEdge, 'node'> & { node: ResolversParentTypes['Member'] };
  MemberJoined: EventItem;
  MemberLeft: EventItem;
  MemberUpdated: EventItem;
  Message: MessageSource;
  MessageConnection: Omit<MessageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['MessageEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Message']> };
  MessageDeleted: EventItem;
  MessageEdge: Omit<MessageEdge, 'node'> & { node: ResolversParentTypes['Message'] };
  MessageEdited: EventItem;
  MessageSent: EventItem;
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Position: Scalars['Position']['output'];
  Presence: PresenceRecord;
  Query: Record<PropertyKey, never>;
  RateLimit: RateLimit;
  ReadReceipt: ReadReceiptRecord;
  Receipt: ReceiptRecord;
  ReceiptConnection: Omit<ReceiptConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ReceiptEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Receipt']> };
  ReceiptEdge: Omit<ReceiptEdge, 'node'> & { node: ResolversParentTypes['Receipt'] };
  RefreshSessionInput: RefreshSessionInput;
  RefreshSessionPayload: RefreshSessionPayload;
  RemoveMemberInput: RemoveMemberInput;
  RemoveMemberPayload: Omit<RemoveMemberPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  ReportDeliveryFailureInput: ReportDeliveryFailureInput;
  ReportDeliveryFailurePayload: Omit<ReportDeliveryFailurePayload, 'message'> & { message?: Maybe<ResolversParentTypes['Message']> };
  ResyncRequired: ResyncItem;
  RevokeSessionsInput: RevokeSessionsInput;
  RevokeSessionsPayload: RevokeSessionsPayload;
  SendDirectMessageInput: SendDirectMessageInput;
  SendMessageInput: SendMessageInput;
  SendMessagePayload: Omit<SendMessagePayload, 'message'> & { message?: Maybe<ResolversParentTypes['Message']> };
  SendSignalInput: SendSignalInput;
  SendSignalPayload: Omit<SendSignalPayload, 'signal'> & { signal?: Maybe<ResolversParentTypes['Signal']> };
  SetTypingInput: SetTypingInput;
  SetTypingPayload: SetTypingPayload;
  Signal: SignalRecord;
  StreamEvent: StreamItem;
  StreamEventConnection: Omit<StreamEventConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['StreamEventEdge']>, nodes: ReadonlyArray<ResolversParentTypes['StreamEvent']> };
  StreamEventEdge: Omit<StreamEventEdge, 'node'> & { node: ResolversParentTypes['StreamEvent'] };
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  TypingState: TypingRecord;
  UpdateConversationInput: UpdateConversationInput;
  UpdateConversationPayload: Omit<UpdateConversationPayload, 'conversation'> & { conversation?: Maybe<ResolversParentTypes['Conversation']> };
  UpdateMemberInput: UpdateMemberInput;
  UpdateMemberPayload: Omit<UpdateMemberPayload, 'member'> & { member?: Maybe<ResolversParentTypes['Member']> };
  UpdatePresenceInput: UpdatePresenceInput;
  UpdatePresencePayload: Omit<UpdatePresencePayload, 'presence'> & { presence?: Maybe<ResolversParentTypes['Presence']> };
  User: UserSource;
  UserError: UserError;
  Viewer: ViewerSource;
};

export type LimitDirectiveArgs = {
  event: Scalars['String']['input'];
};

export type LimitDirectiveResolver<Result, Parent, ContextType = Context, Args = LimitDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ViewerDirectiveArgs = { };

export type ViewerDirectiveResolver<Result, Parent, ContextType = Context, Args = ViewerDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AccessRevokedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AccessRevoked'] = ResolversParentTypes['AccessRevoked']> = {
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AddMembersPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AddMembersPayload'] = ResolversParentTypes['AddMembersPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ArchiveConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ArchiveConversationPayload'] = ResolversParentTypes['ArchiveConversationPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CaughtUpResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CaughtUp'] = ResolversParentTypes['CaughtUp']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConversationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Conversation'] = ResolversParentTypes['Conversation']> = {
  archivedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ConversationKind'], ParentType, ContextType>;
  lastMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  memberCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  members?: Resolver<ResolversTypes['MemberConnection'], ParentType, ContextType, RequireFields<ConversationMembersArgs, 'first'>>;
  messages?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, Partial<ConversationMessagesArgs>>;
  metadata?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  title?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  unreadCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  viewerMembership?: Resolver<Maybe<ResolversTypes['Member']>, ParentType, ContextType>;
};

export type ConversationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationConnection'] = ResolversParentTypes['ConversationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ConversationEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Conversation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ConversationCreatedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationCreated'] = ResolversParentTypes['ConversationCreated']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConversationEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationEdge'] = ResolversParentTypes['ConversationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
};

export type ConversationEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationEvent'] = ResolversParentTypes['ConversationEvent']> = {
  __resolveType: TypeResolveFn<'ConversationCreated' | 'ConversationUpdated' | 'MemberJoined' | 'MemberLeft' | 'MemberUpdated' | 'MessageDeleted' | 'MessageEdited' | 'MessageSent', ParentType, ContextType>;
};

export type ConversationUpdatedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationUpdated'] = ResolversParentTypes['ConversationUpdated']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CreateConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateConversationPayload'] = ResolversParentTypes['CreateConversationPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteMessagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteMessagePayload'] = ResolversParentTypes['DeleteMessagePayload']> = {
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DeliveryReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeliveryReceipt'] = ResolversParentTypes['DeliveryReceipt']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  messageId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DeliveryStatus'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type EditMessagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EditMessagePayload'] = ResolversParentTypes['EditMessagePayload']> = {
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type JoinConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinConversationPayload'] = ResolversParentTypes['JoinConversationPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type LeaveConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LeaveConversationPayload'] = ResolversParentTypes['LeaveConversationPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MarkDeliveredPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MarkDeliveredPayload'] = ResolversParentTypes['MarkDeliveredPayload']> = {
  member?: Resolver<Maybe<ResolversTypes['Member']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MarkReadPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MarkReadPayload'] = ResolversParentTypes['MarkReadPayload']> = {
  member?: Resolver<Maybe<ResolversTypes['Member']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MemberResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Member'] = ResolversParentTypes['Member']> = {
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastDeliveredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastDeliveredSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastReadAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastReadSeq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['MemberRole'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type MemberConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberConnection'] = ResolversParentTypes['MemberConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MemberEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Member']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MemberEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberEdge'] = ResolversParentTypes['MemberEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Member'], ParentType, ContextType>;
};

export type MemberJoinedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberJoined'] = ResolversParentTypes['MemberJoined']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  member?: Resolver<ResolversTypes['Member'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberLeftResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberLeft'] = ResolversParentTypes['MemberLeft']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberUpdatedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberUpdated'] = ResolversParentTypes['MemberUpdated']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  member?: Resolver<ResolversTypes['Member'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  clientMessageId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  content?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deletedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  mentions?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  metadata?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  receipts?: Resolver<ResolversTypes['ReceiptConnection'], ParentType, ContextType, RequireFields<MessageReceiptsArgs, 'first'>>;
  replyTo?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  sender?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MessageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageConnection'] = ResolversParentTypes['MessageConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['MessageEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Message']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MessageDeletedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageDeleted'] = ResolversParentTypes['MessageDeleted']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdge'] = ResolversParentTypes['MessageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
};

export type MessageEditedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdited'] = ResolversParentTypes['MessageEdited']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageSentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageSent'] = ResolversParentTypes['MessageSent']> = {
  actor?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  addMembers?: Resolver<Maybe<ResolversTypes['AddMembersPayload']>, ParentType, ContextType, RequireFields<MutationAddMembersArgs, 'input'>>;
  archiveConversation?: Resolver<Maybe<ResolversTypes['ArchiveConversationPayload']>, ParentType, ContextType, RequireFields<MutationArchiveConversationArgs, 'input'>>;
  createConversation?: Resolver<Maybe<ResolversTypes['CreateConversationPayload']>, ParentType, ContextType, RequireFields<MutationCreateConversationArgs, 'input'>>;
  deleteMessage?: Resolver<Maybe<ResolversTypes['DeleteMessagePayload']>, ParentType, ContextType, RequireFields<MutationDeleteMessageArgs, 'input'>>;
  editMessage?: Resolver<Maybe<ResolversTypes['EditMessagePayload']>, ParentType, ContextType, RequireFields<MutationEditMessageArgs, 'input'>>;
  joinConversation?: Resolver<Maybe<ResolversTypes['JoinConversationPayload']>, ParentType, ContextType, RequireFields<MutationJoinConversationArgs, 'input'>>;
  leaveConversation?: Resolver<Maybe<ResolversTypes['LeaveConversationPayload']>, ParentType, ContextType, RequireFields<MutationLeaveConversationArgs, 'input'>>;
  markDelivered?: Resolver<Maybe<ResolversTypes['MarkDeliveredPayload']>, ParentType, ContextType, RequireFields<MutationMarkDeliveredArgs, 'input'>>;
  markRead?: Resolver<Maybe<ResolversTypes['MarkReadPayload']>, ParentType, ContextType, RequireFields<MutationMarkReadArgs, 'input'>>;
  refreshSession?: Resolver<Maybe<ResolversTypes['RefreshSessionPayload']>, ParentType, ContextType, RequireFields<MutationRefreshSessionArgs, 'input'>>;
  removeMember?: Resolver<Maybe<ResolversTypes['RemoveMemberPayload']>, ParentType, ContextType, RequireFields<MutationRemoveMemberArgs, 'input'>>;
  reportDeliveryFailure?: Resolver<Maybe<ResolversTypes['ReportDeliveryFailurePayload']>, ParentType, ContextType, RequireFields<MutationReportDeliveryFailureArgs, 'input'>>;
  revokeSessions?: Resolver<Maybe<ResolversTypes['RevokeSessionsPayload']>, ParentType, ContextType, RequireFields<MutationRevokeSessionsArgs, 'input'>>;
  sendDirectMessage?: Resolver<Maybe<ResolversTypes['SendMessagePayload']>, ParentType, ContextType, RequireFields<MutationSendDirectMessageArgs, 'input'>>;
  sendMessage?: Resolver<Maybe<ResolversTypes['SendMessagePayload']>, ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'input'>>;
  sendSignal?: Resolver<Maybe<ResolversTypes['SendSignalPayload']>, ParentType, ContextType, RequireFields<MutationSendSignalArgs, 'input'>>;
  setTyping?: Resolver<Maybe<ResolversTypes['SetTypingPayload']>, ParentType, ContextType, RequireFields<MutationSetTypingArgs, 'input'>>;
  updateConversation?: Resolver<Maybe<ResolversTypes['UpdateConversationPayload']>, ParentType, ContextType, RequireFields<MutationUpdateConversationArgs, 'input'>>;
  updateMember?: Resolver<Maybe<ResolversTypes['UpdateMemberPayload']>, ParentType, ContextType, RequireFields<MutationUpdateMemberArgs, 'input'>>;
  updatePresence?: Resolver<Maybe<ResolversTypes['UpdatePresencePayload']>, ParentType, ContextType, RequireFields<MutationUpdatePresenceArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface PositionScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Position'], any> {
  name: 'Position';
}

export type PresenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Presence'] = ResolversParentTypes['Presence']> = {
  lastSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['PresenceStatus'], ParentType, ContextType>;
  statusText?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType, RequireFields<QueryConversationArgs, 'id'>>;
  conversations?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<QueryConversationsArgs, 'first'>>;
  events?: Resolver<ResolversTypes['StreamEventConnection'], ParentType, ContextType, RequireFields<QueryEventsArgs, 'after' | 'first'>>;
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType, RequireFields<QueryMessageArgs, 'id'>>;
  presence?: Resolver<ReadonlyArray<ResolversTypes['Presence']>, ParentType, ContextType, RequireFields<QueryPresenceArgs, 'userIds'>>;
  publicConversations?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<QueryPublicConversationsArgs, 'first'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'id'>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type RateLimitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RateLimit'] = ResolversParentTypes['RateLimit']> = {
  event?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  limit?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  remaining?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  retryAfterMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ReadReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReadReceipt'] = ResolversParentTypes['ReadReceipt']> = {
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  messageId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  readAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type ReceiptResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Receipt'] = ResolversParentTypes['Receipt']> = {
  deliveredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failureReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  readAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type ReceiptConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReceiptConnection'] = ResolversParentTypes['ReceiptConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ReceiptEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Receipt']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ReceiptEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReceiptEdge'] = ResolversParentTypes['ReceiptEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Receipt'], ParentType, ContextType>;
};

export type RefreshSessionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RefreshSessionPayload'] = ResolversParentTypes['RefreshSessionPayload']> = {
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type RemoveMemberPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RemoveMemberPayload'] = ResolversParentTypes['RemoveMemberPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ReportDeliveryFailurePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportDeliveryFailurePayload'] = ResolversParentTypes['ReportDeliveryFailurePayload']> = {
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ResyncRequiredResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ResyncRequired'] = ResolversParentTypes['ResyncRequired']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RevokeSessionsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RevokeSessionsPayload'] = ResolversParentTypes['RevokeSessionsPayload']> = {
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SendMessagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SendMessagePayload'] = ResolversParentTypes['SendMessagePayload']> = {
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SendSignalPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SendSignalPayload'] = ResolversParentTypes['SendSignalPayload']> = {
  signal?: Resolver<Maybe<ResolversTypes['Signal']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SetTypingPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SetTypingPayload'] = ResolversParentTypes['SetTypingPayload']> = {
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SignalResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Signal'] = ResolversParentTypes['Signal']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  payload?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  toUserId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type StreamEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StreamEvent'] = ResolversParentTypes['StreamEvent']> = {
  __resolveType: TypeResolveFn<'AccessRevoked' | 'CaughtUp' | 'ConversationCreated' | 'ConversationUpdated' | 'MemberJoined' | 'MemberLeft' | 'MemberUpdated' | 'MessageDeleted' | 'MessageEdited' | 'MessageSent' | 'ResyncRequired', ParentType, ContextType>;
};

export type StreamEventConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StreamEventConnection'] = ResolversParentTypes['StreamEventConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['StreamEventEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['StreamEvent']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type StreamEventEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StreamEventEdge'] = ResolversParentTypes['StreamEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['StreamEvent'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  conversationEvents?: SubscriptionResolver<ResolversTypes['StreamEvent'], "conversationEvents", ParentType, ContextType, RequireFields<SubscriptionConversationEventsArgs, 'conversationId'>>;
  deliveries?: SubscriptionResolver<ResolversTypes['DeliveryReceipt'], "deliveries", ParentType, ContextType, RequireFields<SubscriptionDeliveriesArgs, 'conversationId'>>;
  inbox?: SubscriptionResolver<ResolversTypes['StreamEvent'], "inbox", ParentType, ContextType, Partial<SubscriptionInboxArgs>>;
  presence?: SubscriptionResolver<ResolversTypes['Presence'], "presence", ParentType, ContextType, Partial<SubscriptionPresenceArgs>>;
  readReceipts?: SubscriptionResolver<ResolversTypes['ReadReceipt'], "readReceipts", ParentType, ContextType, RequireFields<SubscriptionReadReceiptsArgs, 'conversationId'>>;
  signals?: SubscriptionResolver<ResolversTypes['Signal'], "signals", ParentType, ContextType, Partial<SubscriptionSignalsArgs>>;
  typing?: SubscriptionResolver<ResolversTypes['TypingState'], "typing", ParentType, ContextType, RequireFields<SubscriptionTypingArgs, 'conversationId'>>;
};

export type TypingStateResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TypingState'] = ResolversParentTypes['TypingState']> = {
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  isTyping?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UpdateConversationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateConversationPayload'] = ResolversParentTypes['UpdateConversationPayload']> = {
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateMemberPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateMemberPayload'] = ResolversParentTypes['UpdateMemberPayload']> = {
  member?: Resolver<Maybe<ResolversTypes['Member']>, ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Position']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdatePresencePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdatePresencePayload'] = ResolversParentTypes['UpdatePresencePayload']> = {
  presence?: Resolver<Maybe<ResolversTypes['Presence']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  avatarUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['ErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  limits?: Resolver<ReadonlyArray<ResolversTypes['RateLimit']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  roles?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  tenantId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  AccessRevoked?: AccessRevokedResolvers<ContextType>;
  AddMembersPayload?: AddMembersPayloadResolvers<ContextType>;
  ArchiveConversationPayload?: ArchiveConversationPayloadResolvers<ContextType>;
  CaughtUp?: CaughtUpResolvers<ContextType>;
  Conversation?: ConversationResolvers<ContextType>;
  ConversationConnection?: ConversationConnectionResolvers<ContextType>;
  ConversationCreated?: ConversationCreatedResolvers<ContextType>;
  ConversationEdge?: ConversationEdgeResolvers<ContextType>;
  ConversationEvent?: ConversationEventResolvers<ContextType>;
  ConversationUpdated?: ConversationUpdatedResolvers<ContextType>;
  CreateConversationPayload?: CreateConversationPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteMessagePayload?: DeleteMessagePayloadResolvers<ContextType>;
  DeliveryReceipt?: DeliveryReceiptResolvers<ContextType>;
  EditMessagePayload?: EditMessagePayloadResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  JoinConversationPayload?: JoinConversationPayloadResolvers<ContextType>;
  LeaveConversationPayload?: LeaveConversationPayloadResolvers<ContextType>;
  MarkDeliveredPayload?: MarkDeliveredPayloadResolvers<ContextType>;
  MarkReadPayload?: MarkReadPayloadResolvers<ContextType>;
  Member?: MemberResolvers<ContextType>;
  MemberConnection?: MemberConnectionResolvers<ContextType>;
  MemberEdge?: MemberEdgeResolvers<ContextType>;
  MemberJoined?: MemberJoinedResolvers<ContextType>;
  MemberLeft?: MemberLeftResolvers<ContextType>;
  MemberUpdated?: MemberUpdatedResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
  MessageConnection?: MessageConnectionResolvers<ContextType>;
  MessageDeleted?: MessageDeletedResolvers<ContextType>;
  MessageEdge?: MessageEdgeResolvers<ContextType>;
  MessageEdited?: MessageEditedResolvers<ContextType>;
  MessageSent?: MessageSentResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Position?: GraphQLScalarType;
  Presence?: PresenceResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RateLimit?: RateLimitResolvers<ContextType>;
  ReadReceipt?: ReadReceiptResolvers<ContextType>;
  Receipt?: ReceiptResolvers<ContextType>;
  ReceiptConnection?: ReceiptConnectionResolvers<ContextType>;
  ReceiptEdge?: ReceiptEdgeResolvers<ContextType>;
  RefreshSessionPayload?: RefreshSessionPayloadResolvers<ContextType>;
  RemoveMemberPayload?: RemoveMemberPayloadResolvers<ContextType>;
  ReportDeliveryFailurePayload?: ReportDeliveryFailurePayloadResolvers<ContextType>;
  ResyncRequired?: ResyncRequiredResolvers<ContextType>;
  RevokeSessionsPayload?: RevokeSessionsPayloadResolvers<ContextType>;
  SendMessagePayload?: SendMessagePayloadResolvers<ContextType>;
  SendSignalPayload?: SendSignalPayloadResolvers<ContextType>;
  SetTypingPayload?: SetTypingPayloadResolvers<ContextType>;
  Signal?: SignalResolvers<ContextType>;
  StreamEvent?: StreamEventResolvers<ContextType>;
  StreamEventConnection?: StreamEventConnectionResolvers<ContextType>;
  StreamEventEdge?: StreamEventEdgeResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TypingState?: TypingStateResolvers<ContextType>;
  UpdateConversationPayload?: UpdateConversationPayloadResolvers<ContextType>;
  UpdateMemberPayload?: UpdateMemberPayloadResolvers<ContextType>;
  UpdatePresencePayload?: UpdatePresencePayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  limit?: LimitDirectiveResolver<any, any, ContextType>;
  viewer?: ViewerDirectiveResolver<any, any, ContextType>;
};
