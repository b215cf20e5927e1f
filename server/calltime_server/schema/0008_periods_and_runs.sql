-- depends: 0007_what_people_tell_and_agree
-- Pay periods, what becomes of their runs, and everything that a line must say.

-- The text of every file of terms that was ever settled by.
CREATE TABLE terms_text (
    sha256 text PRIMARY KEY,
    name   text NOT NULL,
    text   text NOT NULL
);

-- One settling of a span of days. It adds its lines to the runs of the periods in which the days lie. `inputs` has the digest of each
-- frame that went in, `digest` is of what came out; `terms` are the digests of the files in force.
CREATE TABLE settlement (
    settlement    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_time     timestamptz NOT NULL,
    to_time       timestamptz NOT NULL CHECK (to_time > from_time),
    terms         text[] NOT NULL,
    terms_names   text[] NOT NULL,
    inputs        jsonb NOT NULL,
    inputs_digest text NOT NULL,
    digest        text NOT NULL,
    settled_at    timestamptz NOT NULL
);
CREATE INDEX settlement_span ON settlement (from_time, to_time);

-- What went in and cannot be read back as it was then, because its tables keep no earlier state: the plan, and whose badge was whose.
CREATE TABLE settlement_input (
    settlement bigint NOT NULL REFERENCES settlement,
    name       text NOT NULL CHECK (name IN ('plan', 'badges')),
    content    bytea NOT NULL,
    PRIMARY KEY (settlement, name)
);
COMMENT ON COLUMN settlement_input.content IS 'CSV, gzipped';

-- A payment run is that of a pay period, or of one settlement of days for which no period was opened. (The terms and the digest of runs
-- from before there were settlements stand here.)
ALTER TABLE payment_run ALTER COLUMN terms_name DROP NOT NULL, ALTER COLUMN terms_sha256 DROP NOT NULL, ALTER COLUMN digest DROP NOT NULL;
COMMENT ON COLUMN payment_run.settled_at IS 'when the run was begun';

CREATE TABLE pay_period (
    first_day date PRIMARY KEY,
    last_day  date NOT NULL CHECK (last_day >= first_day),
    run       bigint NOT NULL UNIQUE REFERENCES payment_run,
    opened_by text NOT NULL,
    opened_at timestamptz NOT NULL,
    EXCLUDE USING gist (daterange(first_day, last_day, '[]') WITH &&)
);
CREATE TABLE period_closed (
    first_day date PRIMARY KEY REFERENCES pay_period,
    closed_by text NOT NULL,
    why       text NOT NULL,
    closed_at timestamptz NOT NULL
);

-- What became of a run, a row for each change. Without a row it is a draft. `through` and `pence` are its last line and its sum then.
CREATE TABLE run_state (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run     bigint NOT NULL REFERENCES payment_run,
    state   text NOT NULL CHECK (state IN ('draft', 'with_provider', 'approved', 'exported', 'paid')),
    through bigint NOT NULL,
    pence   bigint NOT NULL,
    by_role text NOT NULL,
    why     text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX run_state_run ON run_state (run, number);

-- Neither a run nor a settlement can be removed, and both are written just before their lines: to look them up again for each of a hundred
-- thousand lines costs more than writing those.
ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_run_fkey;
ALTER TABLE ledger_line
    ADD COLUMN settlement bigint,
    ADD COLUMN kind text NOT NULL DEFAULT 'visit' CHECK (kind IN ('visit', 'retainer', 'budget', 'block', 'bank')),
    ADD COLUMN payee text,
    ADD COLUMN package text,
    ADD COLUMN period date,
    ADD COLUMN falls_on date,
    ADD COLUMN delivery text,
    ADD COLUMN waiting_seconds bigint NOT NULL DEFAULT 0,
    ADD COLUMN parked_minutes bigint NOT NULL DEFAULT 0,
    ADD COLUMN rounding_360000ths bigint,
    ADD COLUMN council_pence bigint,
    ADD COLUMN health_pence bigint NOT NULL DEFAULT 0,
    ADD COLUMN charge_pence bigint NOT NULL DEFAULT 0,
    ADD COLUMN bank_minutes bigint NOT NULL DEFAULT 0,
    ADD CHECK ((kind = 'visit') = (falls_on IS NULL)),
    ALTER COLUMN service_user DROP NOT NULL,
    ALTER COLUMN zone DROP NOT NULL,
    ALTER COLUMN service DROP NOT NULL,
    ALTER COLUMN planned_minutes DROP NOT NULL;
COMMENT ON COLUMN ledger_line.falls_on IS 'of a line that is no visit: the last day of its period, with which it is settled';
COMMENT ON COLUMN ledger_line.payee IS 'null in lines from before there were fund holders: the provider';
-- Few lines reverse another: an index of those alone spares all the others an entry.
ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_reverses_key;
CREATE UNIQUE INDEX ledger_line_reverses ON ledger_line (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX ledger_line_run ON ledger_line (run);
CREATE INDEX ledger_line_falls_on ON ledger_line (falls_on) WHERE falls_on IS NOT NULL;
CREATE INDEX ledger_line_bank ON ledger_line (package) WHERE bank_minutes <> 0;

-- The lines that stand: neither a reversal nor reversed. Made anew, for a view keeps the columns that it was made with.
DROP VIEW standing_line;
CREATE VIEW standing_line AS
SELECT l.* FROM ledger_line l
WHERE l.reverses IS NULL
  AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['terms_text', 'settlement', 'settlement_input', 'pay_period', 'period_closed', 'run_state'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END
$$;
