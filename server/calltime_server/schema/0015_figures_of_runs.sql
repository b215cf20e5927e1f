-- depends: 0014_figures
-- What each run comes to, so that nobody need sum its lines; and which person prepared and approved it.

-- Kept with every line that is written: lines are never changed. A line that its own run takes back counts no more, and neither does what
-- takes it back; what takes back a line of another run is a difference. The figures by day (ledger_figure) hold no less, but a run of four
-- weeks has tens of thousands of them, and the list of runs would sum up those of each run that it shows; here a run has some hundred.
CREATE TABLE run_figure (
    run             bigint NOT NULL,
    provider        text NOT NULL,
    kind            text NOT NULL,
    outcome         text NOT NULL,
    reason          text NOT NULL,
    lines           bigint NOT NULL,
    differences     bigint NOT NULL,
    planned_minutes bigint NOT NULL,
    contact_seconds bigint NOT NULL,
    paid_minutes    bigint NOT NULL,
    parked_minutes  bigint NOT NULL,
    pence           bigint NOT NULL,
    through         bigint NOT NULL,
    PRIMARY KEY (run, provider, kind, outcome, reason)
);
COMMENT ON COLUMN run_figure.lines IS 'that stand in the run as new ones; differences are its reversals of lines of other runs';
COMMENT ON COLUMN run_figure.through IS 'the last of its entries, whether or not that counts';

-- Which run a line takes something back from is looked up by the line's number, for reversals alone, and always in the index: a session keeps
-- the first plan of this statement, and that of an empty ledger would read all of it for each of a hundred thousand lines.
CREATE FUNCTION add_run_figures() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO run_figure AS f
    SELECT run, provider, kind, outcome, reason,
           sum(CASE WHEN reverses IS NULL THEN 1 WHEN undone = run THEN -1 ELSE 0 END), count(*) FILTER (WHERE undone <> run),
           coalesce(sum(CASE WHEN reverses IS NULL THEN 1 ELSE -1 END * planned_minutes), 0), sum(contact_seconds),
           sum(paid_minutes), sum(parked_minutes), sum(pence), max(line)
    FROM (SELECT w.*, CASE WHEN reverses IS NOT NULL THEN (SELECT l.run FROM ledger_line l WHERE l.line = w.reverses) END AS undone
          FROM written w) AS known
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (run, provider, kind, outcome, reason) DO UPDATE
    SET lines = f.lines + excluded.lines, differences = f.differences + excluded.differences,
        planned_minutes = f.planned_minutes + excluded.planned_minutes, contact_seconds = f.contact_seconds + excluded.contact_seconds,
        paid_minutes = f.paid_minutes + excluded.paid_minutes, parked_minutes = f.parked_minutes + excluded.parked_minutes,
        pence = f.pence + excluded.pence, through = greatest(f.through, excluded.through);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION add_run_figures FROM PUBLIC;
CREATE TRIGGER run_figures AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION add_run_figures();

-- What is in the ledger already.
INSERT INTO run_figure
SELECT w.run, w.provider, w.kind, w.outcome, w.reason,
       sum(CASE WHEN w.reverses IS NULL THEN 1 WHEN undone.run = w.run THEN -1 ELSE 0 END),
       count(*) FILTER (WHERE undone.run <> w.run),
       coalesce(sum(CASE WHEN w.reverses IS NULL THEN 1 ELSE -1 END * w.planned_minutes), 0), sum(w.contact_seconds),
       sum(w.paid_minutes), sum(w.parked_minutes), sum(w.pence), max(w.line)
FROM ledger_line w LEFT JOIN ledger_line undone ON undone.line = w.reverses
GROUP BY 1, 2, 3, 4, 5;

ALTER TABLE run_figure ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON run_figure FOR SELECT TO calltime_council USING (true);
CREATE POLICY of_own ON run_figure FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));
GRANT SELECT ON run_figure TO calltime_council, calltime_provider;

-- A run is read in the order in which it was written, whole or of one provider; of its many lines few are not simply paid.
DROP INDEX ledger_line_run;
CREATE INDEX ledger_line_run ON ledger_line (run, line);
CREATE INDEX ledger_line_run_provider ON ledger_line (run, provider, line);
CREATE INDEX ledger_line_run_reason ON ledger_line (run, reason, line) WHERE outcome <> 'pay';

-- Who did it, where somebody with an account did. Two names may be one person's, but an account is nobody else's.
ALTER TABLE run_state ADD COLUMN person bigint;
ALTER TABLE pay_period ADD COLUMN person bigint;
COMMENT ON COLUMN run_state.person IS 'null: at the command line, by whom by_role names';
CREATE POLICY signed ON run_state AS RESTRICTIVE FOR INSERT TO calltime_officer, calltime_approver
    WITH CHECK (person = (SELECT own_person()));
CREATE POLICY by_a_second_person ON run_state AS RESTRICTIVE FOR INSERT TO calltime_approver WITH CHECK (
    state <> 'approved' OR NOT EXISTS (
        SELECT FROM run_state s WHERE s.run = run_state.run AND s.state = 'with_provider' AND s.person = (SELECT own_person())
        UNION ALL SELECT FROM pay_period p WHERE p.run = run_state.run AND p.person = (SELECT own_person())));

-- Auditors have a run packed to work it out again elsewhere. And what came out of long work is for whoever asked for it.
GRANT INSERT ON work TO calltime_auditor;
DROP POLICY of_work ON work_file;
CREATE POLICY of_whoever_asked ON work_file FOR SELECT TO calltime_council, calltime_provider
    USING (EXISTS (SELECT FROM work w WHERE w.work = work_file.work AND w.person = (SELECT own_person())));

-- When and by which terms it was settled, a provider may know of its own lines, too; nobody is named by it.
GRANT SELECT (settlement, from_time, to_time, terms, terms_names, settled_at) ON settlement TO calltime_provider;
