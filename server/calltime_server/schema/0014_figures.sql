-- depends: 0013_who_sees_which_rows
-- What the visits of a day come to, so that a year can be compared without reading each of them; and how much of it must be electronic.

-- Counted from logged_visit whenever its day is worked out again: it may be removed and counted again at any time.
CREATE TABLE logged_figures (
    day             date NOT NULL,
    provider        text,
    zone            text NOT NULL,
    service         text NOT NULL,
    planned         integer NOT NULL,
    planned_minutes integer NOT NULL,
    made            integer NOT NULL,
    contact_seconds integer NOT NULL,
    electronic      integer NOT NULL,
    amended         integer NOT NULL,
    no_start        integer NOT NULL,
    no_stop         integer NOT NULL,
    missed          integer NOT NULL,
    told            integer NOT NULL,
    started         integer NOT NULL,
    early           integer NOT NULL,
    on_time         integer NOT NULL,
    late            integer NOT NULL,
    very_late       integer NOT NULL,
    short           integer NOT NULL,
    under_15        integer NOT NULL,
    under_5         integer NOT NULL,
    as_planned      integer NOT NULL,
    over_5          integer NOT NULL,
    over_15         integer NOT NULL,
    not_planned     integer NOT NULL,
    not_planned_seconds integer NOT NULL,
    brought         integer NOT NULL DEFAULT 0,
    reported        integer NOT NULL DEFAULT 0,
    missing_seconds integer NOT NULL DEFAULT 0,
    extra_seconds   integer NOT NULL DEFAULT 0
);
COMMENT ON COLUMN logged_figures.zone IS 'empty where it is not known, as is service';
COMMENT ON COLUMN logged_figures.planned IS 'carer visits: a visit for two carers counts twice, and all counts below but not_planned are of these';
COMMENT ON COLUMN logged_figures.made IS 'both ends are there; contact_seconds is of these, planned_minutes of all that were planned';
COMMENT ON COLUMN logged_figures.electronic IS 'both ends were tapped at a door: none was entered by hand, none was brought by another system';
COMMENT ON COLUMN logged_figures.amended IS 'both ends are there, and one of them or both were entered by hand, or brought and then corrected';
COMMENT ON COLUMN logged_figures.brought IS 'both ends are there, one of them or both as a provider''s own system brought it, and none is amended; made is electronic, amended and brought';
COMMENT ON COLUMN logged_figures.missing_seconds IS 'of what was planned: what each visit was shorter, the whole of those not made; extra_seconds: what those made were longer. Neither makes up for the other';
COMMENT ON COLUMN logged_figures.told IS 'not made, and somebody told why: no access, declined, cancelled, absent';
COMMENT ON COLUMN logged_figures.reported IS 'of those told: by their own provider alone, so they stay due; the council told the others';
COMMENT ON COLUMN logged_figures.on_time IS 'of those started: within 15 minutes of the plan; early and late are the others, and very_late those of late by more than 30';
COMMENT ON COLUMN logged_figures.short IS 'of those made: less than three quarters of the planned time';
COMMENT ON COLUMN logged_figures.as_planned IS 'of those made: by at most 5 minutes shorter or longer than planned; under_5 and over_5 by at most 15';
CREATE INDEX logged_figures_day ON logged_figures (day, provider);
CREATE INDEX logged_figures_provider ON logged_figures (provider, day);

-- What share of the visits must be electronic, in hundredths of a per cent; the latest row stands.
CREATE TABLE compliance_threshold (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hundredths integer NOT NULL CHECK (hundredths BETWEEN 0 AND 10000),
    noted_by   text NOT NULL,
    noted_at   timestamptz NOT NULL
);
INSERT INTO compliance_threshold (hundredths, noted_by, noted_at) VALUES (8500, 'the first value', '2026-01-01T00:00Z');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON compliance_threshold FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON compliance_threshold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON logged_figures, compliance_threshold TO calltime_council, calltime_provider;
GRANT INSERT ON compliance_threshold TO calltime_officer;
ALTER TABLE logged_figures ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_figures ON logged_figures FOR SELECT TO calltime_council USING (true);
CREATE POLICY own_figures ON logged_figures FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));

-- How many rows of a day are to mend, by queue: counted with the figures above, and as little worth. Whether somebody has looked at one is
-- not counted here, and of the last days the rows themselves are asked: a visit that may still be made is not missed yet.
CREATE TABLE logged_queue (
    day      date NOT NULL,
    provider text NOT NULL,
    kind     text NOT NULL,
    rows     bigint NOT NULL,
    PRIMARY KEY (provider, day, kind)
);
CREATE INDEX logged_queue_day ON logged_queue (day);
COMMENT ON COLUMN logged_queue.provider IS 'empty: of all together, those that are nobody''s included';
GRANT SELECT ON logged_queue TO calltime_council, calltime_provider;
ALTER TABLE logged_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_queues ON logged_queue FOR SELECT TO calltime_council USING (true);
CREATE POLICY own_queues ON logged_queue FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));

-- Somebody has looked at a row of a queue, and nothing of it is to be changed.
CREATE TABLE looked_at (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    known_as text NOT NULL,
    kind     text NOT NULL,
    day      date NOT NULL,
    provider text NOT NULL,
    words    text NOT NULL CHECK (length(words) BETWEEN 1 AND 1000),
    person   bigint,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL,
    by_provider text DEFAULT own_provider()
);
COMMENT ON COLUMN looked_at.by_provider IS 'whose account looked (null: the council''s): the row leaves the queue of that side alone';
CREATE INDEX looked_at_row ON looked_at (known_as);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON looked_at FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON looked_at FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON looked_at TO calltime_council, calltime_provider;
GRANT INSERT ON looked_at TO calltime_officer, calltime_provider;
ALTER TABLE looked_at ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON looked_at TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON looked_at TO calltime_provider USING (provider = (SELECT own_provider()))
    WITH CHECK (provider = (SELECT own_provider()) AND by_provider = (SELECT own_provider()));

-- The queues ask for what is to mend by kind, oldest first.
CREATE INDEX logged_problem_queue ON logged_problem (kind, provider, day, place);
CREATE INDEX logged_problem_known_as ON logged_problem (known_as);
CREATE INDEX logged_visit_queue ON logged_visit (lacks, provider, day, place) WHERE lacks IS NOT NULL;
CREATE INDEX logged_visit_queue_of_all ON logged_visit (lacks, day, place) WHERE lacks IS NOT NULL;
CREATE INDEX logged_visit_known_as ON logged_visit (known_as) WHERE known_as IS NOT NULL;
CREATE INDEX entry_meant_for ON entry (meant_for);
CREATE INDEX entry_noted ON entry (noted_at, entry);
CREATE INDEX entry_whose ON entry (service_user, time);
