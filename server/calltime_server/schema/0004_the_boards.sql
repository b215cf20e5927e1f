-- depends: 0003_declared_losses
-- The boards: how many taps each door made in each hour, without counting the record again for every page.

-- What came lately, found without reading the record: rows lie in the order of their arrival, so a few bytes for many pages are enough.
CREATE INDEX tap_received ON tap USING brin (received_at) WITH (pages_per_range = 32, autosummarize = on);

-- Hours that are counted already. Written by `calltime-server tend` where nothing else counts; a continuous aggregate needs no row in here.
CREATE TABLE counted_hour (
    hour     timestamptz NOT NULL,
    device   text NOT NULL,
    taps     bigint NOT NULL,
    starts   bigint NOT NULL,
    stops    bigint NOT NULL,
    proven   bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    slowest  interval NOT NULL,
    PRIMARY KEY (hour, device)
);

-- One row: when the record was last tended, and up to which hour it is counted.
CREATE TABLE tending (
    only_one        boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    tended_at       timestamptz NOT NULL DEFAULT '-infinity',
    counted_through timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO tending DEFAULT VALUES;

-- The same name and columns in every edition. A late tap in an hour that is counted appears when the record is tended next.
CREATE VIEW door_hour AS
SELECT hour, device, taps, starts, stops, proven, first_at, last_at, slowest
FROM counted_hour WHERE hour < (SELECT counted_through FROM tending)
UNION ALL
SELECT date_trunc('hour', time, 'UTC'), device, count(*),
       count(*) FILTER (WHERE action = 'start'), count(*) FILTER (WHERE action = 'stop'),
       count(*) FILTER (WHERE place_proof IS NOT NULL), min(time), max(time), max(received_at - time)
FROM tap WHERE time >= (SELECT counted_through FROM tending)
GROUP BY 1, 2;
COMMENT ON VIEW door_hour IS 'hours are UTC, and London''s days begin on one; taps of doors that did not know the time are in no hour';
COMMENT ON COLUMN door_hour.proven IS 'taps whose tag answered with a proof of its own';
COMMENT ON COLUMN door_hour.slowest IS 'the longest time from a tap to its arrival';

-- The record remembers that it forgot: what was removed for its age, by whose setting, and when.
CREATE TABLE forgotten (
    before       timestamptz NOT NULL,
    years        integer NOT NULL,
    taps         bigint NOT NULL,
    untimed_taps bigint NOT NULL,
    quarantined  bigint NOT NULL,
    forgotten_at timestamptz NOT NULL PRIMARY KEY
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON forgotten FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON forgotten FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
