-- psql, as superuser: a service's database, its owner (who migrates it), the role its
-- service logs in as, and the auditor, who may read everything and write nothing. Can be run
-- again, and then sets the passwords anew.
-- Variables: database owner owner_password service service_password auditor_password
SELECT format('CREATE ROLE %I', name)
FROM (VALUES (:'owner'), (:'service'), ('auditor')) AS role (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
ALTER ROLE :"service" LOGIN PASSWORD :'service_password';
ALTER ROLE auditor LOGIN PASSWORD :'auditor_password';
ALTER ROLE auditor SET default_transaction_read_only = on;
GRANT pg_read_all_data TO auditor;

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

-- A service's role reaches its own database and no other of its server.
REVOKE ALL ON DATABASE :"database", postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"service", auditor;

-- From Postgres 15 on only the schema's owner may create in it.
\connect :database
ALTER SCHEMA public OWNER TO :"owner";
