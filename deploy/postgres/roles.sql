-- The two roles of the read models, in the database of docker-compose.yml; run once, by the image, where it is new.
\set ON_ERROR_STOP on
\getenv projector SUMMIT_POSTGRES_PROJECTOR_PASSWORD
\getenv query SUMMIT_POSTGRES_QUERY_PASSWORD

CREATE ROLE summit_projector LOGIN NOINHERIT PASSWORD :'projector'; -- owns the schema, writes every tenant's rows
CREATE ROLE summit_query LOGIN NOINHERIT PASSWORD :'query';         -- sees one tenant at a time
ALTER ROLE summit_query SET default_transaction_read_only = on;
ALTER ROLE summit_query SET statement_timeout = '10s';

REVOKE ALL ON DATABASE summit FROM PUBLIC;
GRANT CREATE ON DATABASE summit TO summit_projector;
GRANT CONNECT ON DATABASE summit TO summit_projector, summit_query;
