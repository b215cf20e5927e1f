-- depends: 0018_doors
-- Visits away from the home, which nothing was tapped for, and taps by telephone: who calls is the home, and a PIN is the carer.

-- TimescaleDB below 2.20 adds no check to a table of which chunks are compressed. It says so, nothing is changed, and the way on is:
-- SELECT decompress_chunk(c, true) FROM show_chunks('tap') c; migrate; the job compresses them again.
ALTER TABLE tap DROP CONSTRAINT tap_place_via_check;
ALTER TABLE tap DROP CONSTRAINT tap_carer_via_check;
ALTER TABLE tap ADD CONSTRAINT tap_place_via_check CHECK (place_via IN ('nfc', 'qr', 'reader', 'away', 'line'));
ALTER TABLE tap ADD CONSTRAINT tap_carer_via_check CHECK (carer_via IN ('badge', 'device', 'pin'));
ALTER TABLE untimed_tap DROP CONSTRAINT tap_place_via_check;
ALTER TABLE untimed_tap DROP CONSTRAINT tap_carer_via_check;
ALTER TABLE untimed_tap ADD CONSTRAINT tap_place_via_check CHECK (place_via IN ('nfc', 'qr', 'reader', 'away', 'line'));
ALTER TABLE untimed_tap ADD CONSTRAINT tap_carer_via_check CHECK (carer_via IN ('badge', 'device', 'pin'));

-- A third kind of door: a telephone line stands for no carer and for no home.
ALTER TABLE door ADD COLUMN line text;
ALTER TABLE door DROP CONSTRAINT door_check;
ALTER TABLE door ADD CONSTRAINT door_check CHECK (num_nonnulls(carer, home, line) = 1);
COMMENT ON COLUMN door.line IS 'a telephone line: the caller''s number says at whose home a tap happened, and the PIN whose it is';
ALTER TABLE enrolment ADD COLUMN line text;
ALTER TABLE enrolment DROP CONSTRAINT enrolment_check;
ALTER TABLE enrolment ADD CONSTRAINT enrolment_check CHECK (num_nonnulls(carer, home, line) = 1);
-- Who sees which is as before: a line serves every provider, so the council alone makes its code and sees its door.
GRANT SELECT (line) ON enrolment TO calltime_council, calltime_provider;

-- On which days was something tapped that nobody knows? A tap by telephone may be of no known home and of no known carer: no provider sees it,
-- and whoever says whose the number or the PIN is has its day looked at anew all the same.
CREATE FUNCTION days_unknown() RETURNS SETOF date LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT DISTINCT day FROM logged_problem WHERE kind IN ('unknown_tag', 'unknown_badge')
$$;
REVOKE ALL ON FUNCTION days_unknown FROM PUBLIC;
GRANT EXECUTE ON FUNCTION days_unknown TO calltime_council, calltime_provider;

COMMENT ON COLUMN tag.tag IS 'what the tag''s address names; or tel_ and a keyed digest of a telephone''s number, which counts by telephone alone';
COMMENT ON COLUMN badge.uid IS 'the badge''s number in hex; or pin_ and a keyed digest of the PIN that the carer keys in by telephone';
