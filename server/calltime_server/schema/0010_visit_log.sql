-- depends: 0009_people
-- The visit log: how visits stand, worked out from the record whenever something of their day changes. Nothing is captured here: it may be
-- removed and worked out again at any time, and what is paid is never taken from it.

-- What a row of a queue is known by, whatever its place in the log: the same as long as it says the same.
CREATE FUNCTION known_as(of_day date, VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(of_day::timestamp, 'YYYY-MM-DD') || '.'
        || left(encode(sha256(convert_to(array_to_string(parts, '~', ''), 'UTF8')), 'hex'), 20)
$$;

CREATE TABLE logged_visit (
    day             date NOT NULL,
    place           integer NOT NULL,
    visit_id        text,
    carer_no        integer,
    service_user    text,
    provider        text,
    zone            text,
    service         text,
    planned_start   timestamptz,
    planned_minutes integer,
    carers          integer,
    carer           text,
    started         timestamptz,
    ended           timestamptz,
    start_device    text,
    start_seq       bigint,
    start_grade     integer,
    stop_device     text,
    stop_seq        bigint,
    stop_grade      integer,
    contact_seconds bigint NOT NULL DEFAULT 0,
    waiting_seconds bigint NOT NULL DEFAULT 0,
    delivery        text NOT NULL,
    late_from       timestamptz,
    missed_from     timestamptz,
    open_until      timestamptz,
    amended         boolean NOT NULL DEFAULT false,
    lacks           text GENERATED ALWAYS AS (CASE
        WHEN service_user IS NULL THEN NULL
        WHEN started IS NULL AND ended IS NULL AND delivery = 'missed' THEN 'missed'
        WHEN started IS NOT NULL AND ended IS NULL AND delivery IN ('no_stop', 'not_planned') THEN 'no_stop'
        WHEN started IS NULL AND ended IS NOT NULL AND delivery IN ('no_start', 'not_planned') THEN 'no_start' END) STORED,
    known_as        text GENERATED ALWAYS AS (CASE WHEN started IS NULL OR ended IS NULL THEN
        known_as(day, 'visit', visit_id, carer_no::text, start_device, start_seq::text, stop_device, stop_seq::text) END) STORED,
    PRIMARY KEY (day, place)
);
COMMENT ON COLUMN logged_visit.lacks IS 'in which queue of what is to mend it stands once missed_from or open_until is over; null: in none';
COMMENT ON COLUMN logged_visit.known_as IS 'of visits that lack an end';
COMMENT ON COLUMN logged_visit.place IS 'the order within its day: by planned start, and what nobody planned by its tap';
COMMENT ON COLUMN logged_visit.provider IS 'of a visit that nobody planned: for whom its carer works, else who plans visits there that day, else whose visits the carer made; null: nobody knows';
COMMENT ON COLUMN logged_visit.late_from IS 'without a start it is late from here on';
COMMENT ON COLUMN logged_visit.missed_from IS 'without a start it is missed from here on';
COMMENT ON COLUMN logged_visit.open_until IS 'without a stop it is under way until here, and lacks its stop afterwards';
COMMENT ON COLUMN logged_visit.amended IS 'an end of it was entered by hand';
CREATE INDEX logged_visit_provider ON logged_visit (provider, day, place);
CREATE INDEX logged_visit_carer ON logged_visit (carer, day, place);
CREATE INDEX logged_visit_service_user ON logged_visit (service_user, day, place);
CREATE INDEX logged_visit_delivery ON logged_visit (delivery, day, place);
CREATE INDEX logged_visit_amended ON logged_visit (day, place) WHERE amended;
CREATE INDEX logged_visit_id ON logged_visit (visit_id);

-- What somebody should look at. `provider` as above.
CREATE TABLE logged_problem (
    day          date NOT NULL,
    place        integer NOT NULL,
    kind         text NOT NULL,
    device       text,
    seq          bigint,
    visit_id     text,
    carer        text,
    service_user text,
    provider     text,
    at           timestamptz,
    says         text NOT NULL,
    reference    text,
    known_as     text GENERATED ALWAYS AS (
        known_as(day, 'problem', kind, device, seq::text, visit_id, carer, service_user)) STORED,
    PRIMARY KEY (day, place)
);
CREATE INDEX logged_problem_provider ON logged_problem (provider, day, kind);
CREATE INDEX logged_problem_kind ON logged_problem (kind, day);
CREATE INDEX logged_problem_visit ON logged_problem (visit_id);
COMMENT ON COLUMN logged_problem.reference IS 'the tag or the badge of which nobody knows whose it is';
COMMENT ON COLUMN logged_problem.place IS 'in the order in which they came up; a problem keeps its place while it lasts';

-- A row for each day that was worked out. `version` counts the times its rows changed: a page asks whether it has moved on.
CREATE TABLE logged_day (
    day       date PRIMARY KEY,
    version   bigint NOT NULL,
    worked_at timestamptz NOT NULL
);
-- Days that wait to be worked out again, and since when.
CREATE TABLE day_to_log (
    day   date PRIMARY KEY,
    since timestamptz NOT NULL
);
-- Up to where the record has been looked through for news: one row.
CREATE TABLE logged_through (
    only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    received_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO logged_through DEFAULT VALUES;
-- News is looked for every few seconds.
CREATE INDEX clock_record_received ON clock_record USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX untimed_tap_received ON untimed_tap (received_at);

GRANT SELECT ON logged_visit, logged_problem TO calltime_council, calltime_provider, calltime_carer;
GRANT SELECT ON logged_day TO calltime_person;
ALTER TABLE logged_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE logged_problem ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_visits ON logged_visit FOR SELECT TO calltime_council USING (true);
CREATE POLICY own_visits ON logged_visit FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));
CREATE POLICY made_visits ON logged_visit FOR SELECT TO calltime_carer USING (carer = (SELECT own_carer()));
CREATE POLICY all_problems ON logged_problem FOR SELECT TO calltime_council USING (true);
CREATE POLICY own_problems ON logged_problem FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));
CREATE POLICY made_problems ON logged_problem FOR SELECT TO calltime_carer USING (carer = (SELECT own_carer()));
