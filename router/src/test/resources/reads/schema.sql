-- What the statements of corpus.txt speak of. Statements are divided by lines that hold nothing but a semicolon.
CREATE SCHEMA app
;
CREATE SCHEMA other
;
CREATE TABLE users (id int PRIMARY KEY, name text, email text, age int, created_at timestamptz DEFAULT now(), active boolean, data jsonb, tags text[], doc tsvector, parent_id int)
;
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total numeric(10,2), state text, placed_on date, note text, "update" text, "insert" text)
;
CREATE TABLE app.things (id int, label text, "Mixed Name" text, "select" text)
;
CREATE TABLE "order" (id int, "from" text)
;
CREATE TABLE update_log (id int, deleted boolean, inserted_at timestamptz, into_stock int)
;
INSERT INTO users (id, name, email, age, active, data, tags, doc) VALUES (1, 'Ann', 'ann@example.org', 41, true, '{"a": {"b": 1}, "tags": ["x"]}', '{x,y}', to_tsvector('english', 'quick brown fox'))
;
INSERT INTO orders VALUES (1, 1, 10.50, 'open', '2024-05-01', 'note', 'u', 'i'), (2, 1, 5, 'done', '2024-05-02', NULL, NULL, NULL)
;
CREATE SEQUENCE ids
;
CREATE SEQUENCE app."Odd Ids"
;
CREATE UNLOGGED TABLE scratch (id int, note text)
;
CREATE TABLE measurements (id int, day date) PARTITION BY RANGE (day)
;
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
;
CREATE UNLOGGED TABLE measurements_2025 PARTITION OF measurements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
;
CREATE FOREIGN DATA WRAPPER nowhere
;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere
;
CREATE FOREIGN TABLE far_table (id int) SERVER far
;
CREATE FUNCTION next_id() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('public.ids') $$
;
CREATE FUNCTION age_group(int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1 < 18 THEN 'minor' ELSE 'adult' END $$
;
CREATE FUNCTION count_orders(int) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM orders WHERE user_id = $1 $$
;
CREATE FUNCTION not_said(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$
;
CREATE FUNCTION twofold(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1 * 2 $$
;
CREATE FUNCTION twofold(text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM nextval('public.ids'); RETURN $1 || $1; END $$
;
CREATE FUNCTION same_name(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$
;
CREATE FUNCTION other.same_name(int) RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('public.ids') $$
;
CREATE FUNCTION other.calm(int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT $1 $$
;
CREATE FUNCTION "CamelCase"(int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT $1 $$
;
CREATE FUNCTION "CamelWrite"(int) RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('public.ids') $$
;
CREATE FUNCTION "filter"(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$
;
CREATE FUNCTION full_name(users) RETURNS text LANGUAGE sql STABLE AS $$ SELECT $1.name $$
;
CREATE FUNCTION touched(users) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT nextval('public.ids') $$
;
CREATE FUNCTION draws(int, bigint DEFAULT nextval('public.ids')) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT $2 $$
;
CREATE FUNCTION pads(text, int DEFAULT 10) RETURNS text LANGUAGE sql STABLE AS $$ SELECT lpad($1, $2) $$
;
CREATE FUNCTION keep_track(int, int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM nextval('public.ids'); RETURN $1 + $2; END $$
;
CREATE AGGREGATE tracked_sum(int) (SFUNC = keep_track, STYPE = int, INITCOND = '0')
;
CREATE AGGREGATE plain_sum(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0')
;
CREATE OPERATOR <=+=> (LEFTARG = int, RIGHTARG = int, FUNCTION = keep_track)
;
CREATE OPERATOR <=*=> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4mul)
;
CREATE FUNCTION check_seen(int) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT nextval('public.ids') > 0 $$
;
CREATE DOMAIN seen AS int CHECK (check_seen(VALUE))
;
CREATE DOMAIN positive AS int CHECK (VALUE > 0)
;
CREATE DOMAIN seen_again AS seen
;
CREATE DOMAIN list_of_seen AS seen_again[]
;
CREATE TYPE holder AS (name text, item seen_again)
;
CREATE DOMAIN held AS holder CHECK ((VALUE).name <> '')
;
CREATE DOMAIN several_positive AS positive[] CHECK (array_length(VALUE, 1) > 1)
;
CREATE TYPE span_of_seen AS RANGE (subtype = seen)
;
CREATE TYPE pair AS (a int, b int)
;
CREATE FUNCTION pair_of(text) RETURNS pair LANGUAGE sql VOLATILE AS $$ SELECT nextval('public.ids')::int, 1 $$
;
CREATE CAST (text AS pair) WITH FUNCTION pair_of(text)
;
CREATE TYPE mood AS ENUM ('sad', 'happy')
;
CREATE VIEW active_users AS SELECT id, name FROM users WHERE active
;
CREATE VIEW busy_users AS SELECT u.id, count_orders(u.id) AS n FROM active_users u
;
CREATE VIEW numbered_users AS SELECT next_id() AS number, name FROM users
;
CREATE VIEW numbered_again AS SELECT * FROM numbered_users
;
CREATE VIEW random_user AS SELECT name FROM users ORDER BY random() LIMIT 1
;
CREATE VIEW id_state AS SELECT last_value FROM ids
;
CREATE VIEW my_settings AS SELECT current_setting('work_mem') AS m
;
CREATE VIEW sessions AS SELECT pid FROM pg_stat_activity
;
CREATE VIEW app."Odd ""View""" AS SELECT next_id()
;
CREATE VIEW wide_view AS SELECT x.a, x.b, g.n, e.value FROM (VALUES (1, 2), (3, 4)) x(a, b), generate_series(1, 3) g(n), jsonb_array_elements('[1]'::jsonb) WITH ORDINALITY e(value, place)
;
CREATE VIEW latest_orders AS WITH ranked(id, place) AS (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY placed_on DESC) FROM orders) SELECT * FROM ranked WHERE place = 1
;
CREATE MATERIALIZED VIEW order_totals AS SELECT user_id, sum(total) AS total, max(next_id()) AS made FROM orders GROUP BY user_id
;
CREATE TABLE tenants (id int, name text)
;
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY
;
CREATE POLICY own ON tenants USING (id = current_setting('app.tenant', true)::int)
;
CREATE TABLE audited (id int, name text)
;
ALTER TABLE audited ENABLE ROW LEVEL SECURITY
;
CREATE POLICY counted ON audited FOR SELECT USING (check_seen(id))
;
CREATE PROCEDURE do_nothing() LANGUAGE sql AS $$ SELECT 1 $$
;
CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$
