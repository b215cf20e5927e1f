-- depends: 0001_the_record
-- The office: whose tag is whose, what was planned, and the ledger of what is paid.

CREATE TABLE tag (
    tag          text PRIMARY KEY,
    service_user text NOT NULL,
    made_at      timestamptz NOT NULL
);
CREATE INDEX tag_home ON tag (service_user);

-- A badge may pass from one carer to another: what was tapped with it before stays the first one's.
CREATE TABLE badge (
    uid        text NOT NULL,
    carer      text NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (uid, valid_from)
);

CREATE TABLE planned_visit (
    visit_id        text PRIMARY KEY,
    service_user    text NOT NULL,
    provider        text NOT NULL,
    zone            text NOT NULL,
    service         text NOT NULL,
    planned_start   timestamptz NOT NULL,
    planned_minutes integer NOT NULL CHECK (planned_minutes BETWEEN 1 AND 1440),
    carers          integer NOT NULL CHECK (carers BETWEEN 1 AND 9)
);
CREATE INDEX planned_visit_start ON planned_visit (planned_start);

-- A settlement of a span of time. Running it again on the same inputs finds its digest here and writes nothing.
CREATE TABLE payment_run (
    run          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_time    timestamptz NOT NULL,
    to_time      timestamptz NOT NULL CHECK (to_time > from_time),
    terms_name   text NOT NULL,
    terms_sha256 text NOT NULL,
    digest       text NOT NULL,
    settled_at   timestamptz NOT NULL
);

-- One line per planned visit and carer asked for. A correction is a reversal (the same pence, negative) and a new line.
CREATE TABLE ledger_line (
    line            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run             bigint NOT NULL REFERENCES payment_run,
    reverses        bigint UNIQUE REFERENCES ledger_line,
    visit_id        text NOT NULL,
    carer_no        integer NOT NULL,
    service_user    text NOT NULL,
    provider        text NOT NULL,
    zone            text NOT NULL,
    service         text NOT NULL,
    carer           text,
    planned_start   timestamptz NOT NULL,
    planned_minutes integer NOT NULL,
    started         timestamptz,
    ended           timestamptz,
    start_device    text,
    start_seq       bigint,
    stop_device     text,
    stop_seq        bigint,
    grade           integer,
    contact_seconds bigint NOT NULL,
    paid_minutes    bigint NOT NULL,
    pence           bigint NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('pay', 'park', 'refuse')),
    reason          text NOT NULL,
    explanation     text NOT NULL
);
CREATE INDEX ledger_line_visit ON ledger_line (visit_id, carer_no);
CREATE INDEX ledger_line_start ON ledger_line (planned_start);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ledger_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payment_run FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON payment_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The lines that stand: neither a reversal nor reversed.
CREATE VIEW standing_line AS
SELECT l.* FROM ledger_line l
WHERE l.reverses IS NULL
  AND NOT EXISTS (SELECT FROM ledger_line r WHERE r.reverses = l.line);
