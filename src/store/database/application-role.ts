/**
 * Row-level security never binds a superuser or a role with BYPASSRLS. A session of such a role therefore works as this one, which can do nothing
 * but read and write the rows that the policies show. Everybody else is bound by the tables' FORCE ROW LEVEL SECURITY.
 */
export const APPLICATION_ROLE = 'colloquy_app'

const PRIVILEGED = 'rolsuper OR rolbypassrls'

/** Lowers the session to the application role where the connected role is above row-level security; fails while the application role is missing. */
export const LOWER_SESSION = `
SELECT CASE WHEN ${PRIVILEGED} THEN set_config('role', '${APPLICATION_ROLE}', false) END
FROM pg_roles WHERE rolname = current_user`

/** Whether this session would have to be lowered, and whether it could be: `privileged`, `role_exists`. */
export const SESSION_STANDING = `
SELECT ${PRIVILEGED} AS privileged, EXISTS (SELECT FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}') AS role_exists
FROM pg_roles WHERE rolname = current_user`

/** Whether some table of the schema is closed to the application role, as after a restore without grants: `closed`. */
export const CLOSED_TABLES = `
SELECT EXISTS (
  SELECT FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname <> 'migration'
    AND NOT has_table_privilege('${APPLICATION_ROLE}', oid, 'INSERT')
) AS closed`

/**
 * Makes the role. Roles belong to the whole cluster and advisory locks to one database, so several databases may be at this at once: whoever comes
 * second finds the role there. A creator that is no superuser still has to be let into the role.
 */
export const CREATE_ROLE = `
DO $$
BEGIN
  CREATE ROLE ${APPLICATION_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT ${APPLICATION_ROLE} TO %I', current_user);
  END IF;
END $$`

/** Opens the schema's tables, sequences and functions, those to come included, to the application role; the record of migrations stays closed. */
export const GRANT_SCHEMA = `
DO $$
DECLARE
  it text := quote_ident(current_schema());
BEGIN
  EXECUTE 'GRANT USAGE ON SCHEMA ' || it || ' TO ${APPLICATION_ROLE}';
  EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ' || it || ' TO ${APPLICATION_ROLE}';
  EXECUTE 'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ' || it || ' TO ${APPLICATION_ROLE}';
  EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ' || it || ' TO ${APPLICATION_ROLE}';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || it
    || ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${APPLICATION_ROLE}';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || it || ' GRANT USAGE, SELECT ON SEQUENCES TO ${APPLICATION_ROLE}';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || it || ' GRANT EXECUTE ON FUNCTIONS TO ${APPLICATION_ROLE}';
  EXECUTE 'REVOKE ALL ON ' || it || '.migration FROM ${APPLICATION_ROLE}';
END $$`
