-- depends: 0006_the_lock_guards_the_door
-- What people tell the office that no tap says, and what council and providers agreed. Nothing here is overwritten: a later row about the
-- same thing stands in place of an earlier one, and both are kept with who and when. People are named by their role.

CREATE TABLE visit_report (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    visit_id text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('no_access', 'declined_at_door', 'cancelled_by_client', 'cancelled_by_council',
                                           'approved_later', 'withdrawn')),
    told_at  timestamptz NOT NULL,
    reason   text NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL
);
CREATE INDEX visit_report_visit ON visit_report (visit_id);
COMMENT ON COLUMN visit_report.told_at IS 'when the office was told; noted_at is when it wrote that down';

-- An absence is known by its service user and its beginning. That it ended, or was none, is a new row.
CREATE TABLE absence (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service_user text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('hospital', 'respite', 'away', 'death', 'withdrawn')),
    since        timestamptz NOT NULL,
    until        timestamptz CHECK (until > since),
    noted_by     text NOT NULL,
    noted_at     timestamptz NOT NULL
);
CREATE INDEX absence_of ON absence (service_user, since);

-- An end of a visit that no tap says, with the reason why there is none.
CREATE TABLE entry (
    entry        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time         timestamptz NOT NULL,
    action       text NOT NULL CHECK (action IN ('start', 'stop')),
    carer        text NOT NULL,
    service_user text NOT NULL,
    reason       text NOT NULL,
    words        text CHECK (reason <> 'other' OR words IS NOT NULL),
    noted_by     text NOT NULL,
    noted_at     timestamptz NOT NULL
);
CREATE INDEX entry_time ON entry (time);
CREATE TABLE entry_withdrawn (
    entry    bigint PRIMARY KEY REFERENCES entry,
    reason   text NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL
);

CREATE TABLE carer_provider (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carer    text NOT NULL,
    provider text NOT NULL,
    since    date NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL
);

CREATE TABLE journey (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_home     text NOT NULL,
    to_home       text NOT NULL,
    least_minutes integer NOT NULL CHECK (least_minutes BETWEEN 0 AND 1440),
    noted_by      text NOT NULL,
    noted_at      timestamptz NOT NULL
);

CREATE TABLE package (
    number              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    package             text NOT NULL,
    service_user        text NOT NULL,
    provider            text NOT NULL,
    service             text NOT NULL,
    starts              date NOT NULL,
    ends                date CHECK (ends >= starts),
    agreed_minutes      integer CHECK (agreed_minutes >= 0),
    contingency_minutes integer CHECK (contingency_minutes >= 0),
    budget_pence        bigint CHECK (budget_pence >= 0),
    outcome             text CHECK (outcome IN ('met', 'not_met')),
    exceptional         boolean NOT NULL,
    health_percent      integer CHECK (health_percent BETWEEN 0 AND 10000),
    fund_holder         text,
    charge_percent      integer CHECK (charge_percent BETWEEN 0 AND 10000),
    noted_by            text NOT NULL,
    noted_at            timestamptz NOT NULL
);
CREATE INDEX package_known_as ON package (package);
COMMENT ON COLUMN package.health_percent IS 'in hundredths of a per cent, as charge_percent: 2500 is 25 %';

CREATE TABLE block (
    number           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    block            text NOT NULL,
    provider         text NOT NULL,
    zone             text,
    service          text,
    starts           date NOT NULL,
    ends             date CHECK (ends >= starts),
    minutes_per_week integer NOT NULL CHECK (minutes_per_week >= 0),
    noted_by         text NOT NULL,
    noted_at         timestamptz NOT NULL
);

-- Who is paid, as it must stand on an invoice.
CREATE TABLE provider (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider   text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('lead', 'additional', 'framework', 'small', 'fund_holder')),
    name       text NOT NULL,
    street     text,
    town       text,
    postcode   text,
    country    text NOT NULL,
    vat_number text,
    noted_by   text NOT NULL,
    noted_at   timestamptz NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['visit_report', 'absence', 'entry', 'entry_withdrawn', 'carer_provider', 'journey', 'package', 'block',
                                'provider'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END
$$;
