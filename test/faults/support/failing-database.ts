import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

/** What befalls the log's own transactions, from within the database. */
export interface Mischief {
  /** How often each befell. */
  figures(): Promise<{
    readonly stalled: number
    readonly refused: number
    readonly broken: number
    readonly ended: number
  }>
  /** Nothing more happens; resolves when all is at rest. */
  stop(): Promise<void>
}

export interface MischiefOptions {
  /** Of the events to be written, which share makes its transaction fail: one half as a statement's own fault, the other as a passing one. */
  readonly rollbacks: number
  /** Which share is written only after up to `stallMs`, under the tenant's lock. */
  readonly stalls: number
  readonly stallMs: number
  /** Milliseconds between two endings of a random session of the servers. */
  readonly endingMs: number
}

/** A rolled-back transaction takes every count with it but a sequence's. */
const sql = ({ rollbacks, stalls, stallMs }: MischiefOptions) => /* SQL */ `
CREATE SCHEMA mischief;
CREATE SEQUENCE mischief.stalled;
CREATE SEQUENCE mischief.refused;
CREATE SEQUENCE mischief.broken;
CREATE FUNCTION mischief.befall() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE dice float := random();
BEGIN
  IF random() < ${stalls} THEN
    PERFORM nextval('mischief.stalled'), pg_sleep(random() * ${stallMs / 1_000});
  END IF;
  IF dice < ${rollbacks / 2} THEN
    PERFORM nextval('mischief.refused');
    RAISE EXCEPTION 'mischief' USING ERRCODE = 'P0001';
  ELSIF dice < ${rollbacks} THEN
    PERFORM nextval('mischief.broken');
    RAISE EXCEPTION 'mischief' USING ERRCODE = '40001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mischief BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION mischief.befall()`

const FIGURES = /* SQL */ `
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM mischief.stalled)::int AS stalled,
  (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM mischief.refused)::int AS refused,
  (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM mischief.broken)::int AS broken`

const END_ONE = /* SQL */ `
SELECT count(pg_terminate_backend(pid))::int AS ended FROM (
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  ORDER BY random() LIMIT 1)`

/** Begins it, as a superuser of the database. */
export async function startMischief(databaseUrl: string, options: MischiefOptions): Promise<Mischief> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(sql(options))
  let ended = 0
  let stopping = false

  async function endSessions(): Promise<void> {
    while (!stopping) {
      await setTimeout(options.endingMs * (0.5 + Math.random()))
      const { rows } = await client.query<{ readonly ended: number }>(END_ONE)
      ended += rows[0]?.ended ?? 0
    }
  }
  const ending = endSessions()

  async function figures() {
    const { rows } = await client.query<{ stalled: number; refused: number; broken: number }>(FIGURES)
    return { stalled: 0, refused: 0, broken: 0, ...rows[0], ended }
  }

  return {
    figures,
    async stop() {
      stopping = true
      await ending
      await client.query('DROP TRIGGER mischief ON event')
      await client.end()
    },
  }
}
