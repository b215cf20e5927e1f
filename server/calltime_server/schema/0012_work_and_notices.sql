-- depends: 0011_amending
-- What the office does in the background, what it tells others, and visits that another system saw.

-- Long work that a person asked for: settling, files, trying terms. Whoever asked sees how far it is, and fetches what came out.
CREATE TABLE work (
    work     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    asked    jsonb NOT NULL,
    person   bigint NOT NULL,
    by_name  text NOT NULL,
    provider text,
    asked_at timestamptz NOT NULL,
    begun_at timestamptz,
    beat_at  timestamptz,
    done_at  timestamptz,
    done     integer NOT NULL DEFAULT 0,
    of       integer,
    failed   boolean NOT NULL DEFAULT false,
    says     text NOT NULL DEFAULT ''
);
CREATE INDEX work_waiting ON work (work) WHERE done_at IS NULL;
CREATE TABLE work_file (
    work    bigint NOT NULL REFERENCES work ON DELETE CASCADE,
    name    text NOT NULL,
    media   text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (work, name)
);

-- Late and missed visits of which a provider was told: each once, whatever happens to whoever sends it.
CREATE TABLE alert (
    alert     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('late', 'missed')),
    visit_id  text NOT NULL,
    carer_no  integer NOT NULL,
    provider  text NOT NULL,
    due_at    timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    UNIQUE (kind, visit_id, carer_no)
);
CREATE INDEX alert_provider ON alert (provider, raised_at);
CREATE INDEX alert_raised ON alert (raised_at);
-- Of which alerts the provider was told; within its quiet hours that waits. Its messages were written at the same moment.
CREATE TABLE alert_told (
    alert   bigint PRIMARY KEY REFERENCES alert,
    told_at timestamptz NOT NULL,
    news    boolean NOT NULL DEFAULT true
);
COMMENT ON COLUMN alert_told.news IS 'false: by then it was settled, or told as missed, and no message speaks of it';
-- How a provider wants to be told; the latest row stands.
CREATE TABLE alert_setting (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider     text NOT NULL,
    late_minutes integer NOT NULL CHECK (late_minutes BETWEEN 1 AND 240),
    email        text,
    quiet_from   time,
    quiet_until  time,
    noted_by     text NOT NULL,
    noted_at     timestamptz NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

-- Where programs want to be told. The secret signs what is sent, so it is kept as it is.
CREATE TABLE webhook (
    webhook     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text NOT NULL,
    secret      text NOT NULL,
    events      text[] NOT NULL,
    provider    text,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL,
    disabled_at timestamptz
);
-- What is to be sent, by e-mail or to a webhook, and how that went. Written in the transaction of what it tells of.
CREATE TABLE message (
    message   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook   bigint REFERENCES webhook,
    email     text,
    provider  text,
    event     text NOT NULL,
    subject   text,
    body      text NOT NULL,
    made_at   timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    tried     integer NOT NULL DEFAULT 0,
    tried_at  timestamptz,
    sent_at   timestamptz,
    given_up_at timestamptz,
    says      text NOT NULL DEFAULT '',
    CHECK (num_nonnulls(webhook, email) = 1)
);
CREATE INDEX message_waiting ON message (not_before) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX message_webhook ON message (webhook, message);
CREATE INDEX message_provider ON message (provider, message) WHERE webhook IS NULL;
-- Which messages told of an alert.
CREATE INDEX message_made ON message (provider, made_at);

-- Whoever does something tells all webhooks that want to know, also those that it may not see itself.
CREATE FUNCTION tell_webhooks(of_event text, of_provider text, of_body text, at timestamptz) RETURNS bigint LANGUAGE sql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH told AS (
        INSERT INTO message (webhook, provider, event, body, made_at, not_before)
        SELECT webhook, webhook.provider, of_event, of_body, at, at FROM webhook
        WHERE disabled_at IS NULL AND of_event = ANY(events)
        AND (of_provider IS NULL OR webhook.provider IS NULL OR webhook.provider = of_provider)
        RETURNING 1
    ) SELECT count(*) FROM told
$$;
COMMENT ON FUNCTION tell_webhooks IS 'without a provider it is for everybody, and its body must name nobody and no sums';
REVOKE ALL ON FUNCTION tell_webhooks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_webhooks TO calltime_council, calltime_provider, calltime_administrator;

-- Visits that a provider's own system saw. The same id again: the later row stands. They count with the grade that was agreed.
CREATE TABLE brought_visit (
    brought      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider     text NOT NULL,
    their_id     text NOT NULL,
    service_user text NOT NULL,
    carer        text NOT NULL,
    started      timestamptz,
    ended        timestamptz CHECK (ended >= started),
    withdrawn    boolean NOT NULL DEFAULT false,
    noted_by     text NOT NULL,
    noted_at     timestamptz NOT NULL,
    CHECK (withdrawn OR num_nonnulls(started, ended) > 0)
);
CREATE INDEX brought_visit_known_as ON brought_visit (provider, their_id, brought);
CREATE INDEX brought_visit_started ON brought_visit (started);
CREATE INDEX brought_visit_ended ON brought_visit (ended);
CREATE INDEX brought_visit_list ON brought_visit (provider, brought);
-- From which day on visits of a provider's own system are taken, and how much each of their ends proves, by agreement.
CREATE TABLE brought_grade (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    since    date NOT NULL,
    grade    integer CHECK (grade BETWEEN 0 AND 3),
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL
);
COMMENT ON COLUMN brought_grade.grade IS 'null: from this day on they are not taken';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alert', 'alert_told', 'alert_setting', 'brought_visit', 'brought_grade'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END
$$;
