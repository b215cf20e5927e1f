-- The record: what doors said, kept for ever and never changed. Written by the gateway, read by the office.

-- TimescaleDB where it is loaded; everything below stands without it.
DO $$
BEGIN
    -- Its settings exist only where the library was loaded at the start of the server; without that the extension cannot be made.
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.max_background_workers')
       AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
        CREATE EXTENSION IF NOT EXISTS timescaledb;
    END IF;
END
$$;

-- Public halves of the keys with which gateways sign receipts. Doors pin one at enrolment.
CREATE TABLE gateway_key (
    public_key    bytea PRIMARY KEY CHECK (octet_length(public_key) = 32),
    registered_at timestamptz NOT NULL
);

-- One-time codes: only the digest is kept, so that whoever reads the table cannot enrol a door.
CREATE TABLE enrolment (
    code_digest bytea PRIMARY KEY CHECK (octet_length(code_digest) = 32),
    carer       text,
    home        text,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    used_by     text,
    CHECK (num_nonnulls(carer, home) = 1),
    CHECK ((used_at IS NULL) = (used_by IS NULL))
);

CREATE TABLE door (
    device      text PRIMARY KEY CHECK (device ~ '^d_[a-z2-7]{26}$'),
    alg         text NOT NULL CHECK (alg IN ('EdDSA', 'ES256')),
    public_key  bytea NOT NULL,
    carer       text,
    home        text,
    enrolled_at timestamptz NOT NULL,
    revoked_at  timestamptz,
    CHECK (num_nonnulls(carer, home) = 1)
);
COMMENT ON COLUMN door.carer IS 'a carer''s own device: the carer to whom every tap on it belongs';
COMMENT ON COLUMN door.home IS 'a reader on a wall: the service user at whose home every tap on it happened';

-- How far the chain of each door is stored without a gap. The row is also what serialises gateways that hold records of the same door.
CREATE TABLE door_progress (
    device  text PRIMARY KEY REFERENCES door,
    through bigint NOT NULL DEFAULT 0,
    digest  bytea,
    CHECK ((through = 0) = (digest IS NULL))
);

-- Every record that is stored, of whatever kind, once. An ordinary table, because a hypertable refuses a unique key without its time
-- column, and with the time in the key the same number could come in again with another time.
CREATE TABLE receipt (
    device      text NOT NULL REFERENCES door,
    seq         bigint NOT NULL CHECK (seq > 0),
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    prev        bytea CHECK (octet_length(prev) = 32),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device, seq)
);

CREATE TABLE tap (
    time        timestamptz NOT NULL,
    device      text NOT NULL,
    seq         bigint NOT NULL,
    action      text NOT NULL CHECK (action IN ('start', 'stop', 'waiting')),
    place_via   text NOT NULL CHECK (place_via IN ('nfc', 'qr', 'reader')),
    place_ref   text NOT NULL,
    place_proof text,
    carer_via   text NOT NULL CHECK (carer_via IN ('badge', 'device')),
    carer_ref   text NOT NULL,
    lat         double precision,
    lon         double precision,
    accuracy_m  double precision,
    boot        uuid NOT NULL,
    up_ms       bigint NOT NULL,
    sync        text NOT NULL,
    error_ms    bigint NOT NULL,
    received_at timestamptz NOT NULL,
    jws         text NOT NULL
);
COMMENT ON COLUMN tap.jws IS 'the signed record itself: the evidence';

-- Taps of doors that did not know the time. Apart from the others, because `time` is the door's own and may be anything: as event time it
-- would scatter the hypertable over two thousand years. What a clock record says later stands beside it, never in its place.
CREATE TABLE untimed_tap (LIKE tap INCLUDING ALL, PRIMARY KEY (device, seq), CHECK (sync = 'none'));
CREATE INDEX untimed_tap_boot ON untimed_tap (device, boot);
ALTER TABLE tap ADD CHECK (sync IN ('ntp', 'gnss', 'rtc'));

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM create_hypertable('tap', by_range('time', INTERVAL '7 days'), create_default_indexes => false);
    END IF;
END
$$;
CREATE INDEX tap_time ON tap (time);
CREATE INDEX tap_door ON tap (device, seq);

CREATE VIEW every_tap AS SELECT * FROM tap UNION ALL SELECT * FROM untimed_tap;

-- Boot and clock records: with them the taps of a door that did not know the time are placed afterwards.
CREATE TABLE clock_record (
    device      text NOT NULL,
    seq         bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('boot', 'clock')),
    time        timestamptz NOT NULL,
    boot        uuid NOT NULL,
    up_ms       bigint NOT NULL,
    sync        text NOT NULL CHECK (sync IN ('ntp', 'gnss', 'rtc', 'none')),
    error_ms    bigint NOT NULL,
    received_at timestamptz NOT NULL,
    jws         text NOT NULL,
    PRIMARY KEY (device, seq)
);
CREATE INDEX clock_record_boot ON clock_record (boot);

-- What could not be taken, with the raw bytes, for people to look at.
CREATE TABLE quarantine (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic    text NOT NULL CHECK (length(topic) <= 200),
    payload  bytea NOT NULL,
    digest   bytea NOT NULL CHECK (octet_length(digest) = 32),
    reason   text NOT NULL,
    says     text NOT NULL,
    device   text,
    seq      bigint,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    times    bigint NOT NULL DEFAULT 1,
    UNIQUE (digest, reason, topic)
);
COMMENT ON COLUMN quarantine.topic IS 'its first 200 characters: an index takes no longer ones, and no topic of ours is half as long';
COMMENT ON COLUMN quarantine.device IS 'what the message claims; nothing is proved of a quarantined message';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Captured time is never overwritten: % on % is refused. Corrections stand beside the record.', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tap FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON untimed_tap FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON tap FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON untimed_tap FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON clock_record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON clock_record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
