-- depends: 0016_subject_access
-- What the ledger comes to; and files that wait until somebody has looked at what they would change.

-- Kept with every line that is written: lines are never changed, and a reversal takes off what its line had put on. So the sums of a day are
-- those of its standing lines; the sums of a run are what it comes to, differences to earlier runs included.
CREATE TABLE ledger_figure (
    run             bigint NOT NULL,
    day             date NOT NULL,
    provider        text NOT NULL,
    zone            text NOT NULL,
    service         text NOT NULL,
    kind            text NOT NULL,
    outcome         text NOT NULL,
    reason          text NOT NULL,
    lines           integer NOT NULL,
    planned_minutes integer NOT NULL,
    contact_seconds integer NOT NULL,
    paid_minutes    integer NOT NULL,
    parked_minutes  integer NOT NULL,
    pence           bigint NOT NULL,
    PRIMARY KEY (day, provider, zone, service, kind, outcome, reason, run)
);
COMMENT ON COLUMN ledger_figure.day IS 'of the planned start in London; of a line that is no visit: on which it falls';
COMMENT ON COLUMN ledger_figure.zone IS 'empty where a line has none, as service';
COMMENT ON COLUMN ledger_figure.lines IS 'a reversal counts as one less';

CREATE FUNCTION add_ledger_figures() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO ledger_figure AS f (run, day, provider, zone, service, kind, outcome, reason, lines, planned_minutes, contact_seconds,
                                    paid_minutes, parked_minutes, pence)
    SELECT run, coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date), provider, coalesce(zone, ''),
           coalesce(service, ''), kind, outcome, reason, sum(sign), coalesce(sum(sign * planned_minutes), 0), sum(contact_seconds),
           sum(paid_minutes), sum(parked_minutes), sum(pence)
    FROM (SELECT *, CASE WHEN reverses IS NULL THEN 1 ELSE -1 END AS sign FROM written) AS signed
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ORDER BY 2, 3, 4, 5, 6, 7, 8, 1
    ON CONFLICT (day, provider, zone, service, kind, outcome, reason, run) DO UPDATE
    SET lines = f.lines + excluded.lines, planned_minutes = f.planned_minutes + excluded.planned_minutes,
        contact_seconds = f.contact_seconds + excluded.contact_seconds, paid_minutes = f.paid_minutes + excluded.paid_minutes,
        parked_minutes = f.parked_minutes + excluded.parked_minutes, pence = f.pence + excluded.pence;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION add_ledger_figures FROM PUBLIC;
CREATE TRIGGER ledger_figures AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION add_ledger_figures();

-- What is in the ledger already.
INSERT INTO ledger_figure
SELECT run, coalesce(falls_on, (planned_start AT TIME ZONE 'Europe/London')::date), provider, coalesce(zone, ''), coalesce(service, ''),
       kind, outcome, reason, sum(sign), coalesce(sum(sign * planned_minutes), 0), sum(contact_seconds), sum(paid_minutes),
       sum(parked_minutes), sum(pence)
FROM (SELECT *, CASE WHEN reverses IS NULL THEN 1 ELSE -1 END AS sign FROM ledger_line) AS signed
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

CREATE INDEX ledger_figure_run ON ledger_figure (run, provider);
CREATE INDEX ledger_figure_provider ON ledger_figure (provider, day);
ALTER TABLE ledger_figure ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON ledger_figure FOR SELECT TO calltime_council USING (true);
CREATE POLICY of_own ON ledger_figure FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));
GRANT SELECT ON ledger_figure TO calltime_council, calltime_provider;

-- A file that was looked at and not taken yet: taken is what was shown, byte for byte. It is gone some hours later.
CREATE TABLE waiting_file (
    file       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what       text NOT NULL CHECK (what IN ('plan', 'package', 'block', 'provider', 'carer_provider', 'journey')),
    name       text NOT NULL,
    sha256     text NOT NULL,
    content    bytea NOT NULL,
    removing   boolean NOT NULL DEFAULT false,
    person     bigint NOT NULL,
    brought_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    taken_at   timestamptz,
    says       text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN waiting_file.removing IS 'whether planned visits of its days and providers that it does not have are removed';
ALTER TABLE waiting_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_own ON waiting_file TO calltime_officer USING (person = (SELECT own_person())) WITH CHECK (person = (SELECT own_person()));
GRANT SELECT, INSERT, DELETE ON waiting_file TO calltime_officer;
GRANT UPDATE (taken_at, says, content) ON waiting_file TO calltime_officer;

-- Lists of the plan are read in the order of their times, from wherever one has come to.
CREATE INDEX planned_visit_in_order ON planned_visit (planned_start, visit_id);
CREATE INDEX planned_visit_zone ON planned_visit (zone, planned_start, visit_id);
CREATE INDEX planned_visit_service ON planned_visit (service, planned_start, visit_id);
DROP INDEX planned_visit_start;
CREATE INDEX absence_in_order ON absence (since, number);
