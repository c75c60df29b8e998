-- psql, as superuser: a service's database, its owner (who migrates it) and the role its
-- service logs in as. Can be run again, and then sets the passwords anew.
-- Variables: database owner owner_password service service_password
SELECT format('CREATE ROLE %I', name)
FROM (VALUES (:'owner'), (:'service')) AS role (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
ALTER ROLE :"service" LOGIN PASSWORD :'service_password';

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"service";

-- From Postgres 15 on only the schema's owner may create in it.
\connect :database
ALTER SCHEMA public OWNER TO :"owner";
