-- depends: 0017_figures_of_pay_and_files
-- How each door is, so that thousands of them can be looked over without reading the record; and whose functions ask what.

-- Kept by the office every half minute from what came in lately. It may be emptied, and is then filled from the whole record.
CREATE TABLE door_heard (
    device   text PRIMARY KEY REFERENCES door,
    heard_at timestamptz NOT NULL,
    seq      bigint NOT NULL,
    sync     text NOT NULL,
    error_ms bigint NOT NULL,
    tap_at   timestamptz
);
COMMENT ON COLUMN door_heard.heard_at IS 'when a record of it was stored last; a door that nobody taps is silent';
COMMENT ON COLUMN door_heard.seq IS 'the highest number that is stored; sync and error_ms are what that record says of the door''s clock';
COMMENT ON COLUMN door_heard.tap_at IS 'its latest tap by a clock that knew the time';
ALTER TABLE door_heard ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON door_heard FOR SELECT TO calltime_council USING (true);
CREATE POLICY of_own ON door_heard FOR SELECT TO calltime_provider USING (EXISTS (SELECT FROM door WHERE door.device = door_heard.device));
GRANT SELECT ON door_heard TO calltime_council, calltime_provider;

CREATE INDEX door_carer ON door (carer) WHERE carer IS NOT NULL;
CREATE INDEX door_home ON door (home) WHERE home IS NOT NULL;
CREATE INDEX enrolment_waiting ON enrolment (expires_at) WHERE used_at IS NULL;
CREATE INDEX badge_carer ON badge (carer);
CREATE INDEX carer_provider_provider ON carer_provider (provider, carer);

-- Why a door was revoked, by whom: its row says only when. Nothing of it is changed, and a door may be revoked again after a new code.
CREATE TABLE door_revoked (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device     text NOT NULL REFERENCES door,
    why        text NOT NULL CHECK (length(why) BETWEEN 1 AND 1000),
    noted_by   text NOT NULL,
    noted_at   timestamptz NOT NULL
);
CREATE INDEX door_revoked_device ON door_revoked (device);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON door_revoked FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON door_revoked FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE door_revoked ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON door_revoked TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON door_revoked TO calltime_provider USING (EXISTS (SELECT FROM door WHERE door.device = door_revoked.device))
    WITH CHECK (EXISTS (SELECT FROM door WHERE door.device = door_revoked.device));
GRANT SELECT ON door_revoked TO calltime_council, calltime_provider;
GRANT INSERT ON door_revoked TO calltime_officer, calltime_provider;

-- Which day and how many taps, of one door that the asking role may see; no role reads taps themselves.
CREATE FUNCTION taps_of_door(of_device text, since timestamptz) RETURNS TABLE (day date, starts bigint, stops bigint, waits bigint, slowest interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT (time AT TIME ZONE 'Europe/London')::date, count(*) FILTER (WHERE action = 'start'), count(*) FILTER (WHERE action = 'stop'),
           count(*) FILTER (WHERE action = 'waiting'), max(received_at - time)
    FROM tap WHERE device = of_device AND time >= since AND own_person() IS NOT NULL AND own_carer() IS NULL AND (
        own_provider() IS NULL
        OR EXISTS (SELECT FROM door WHERE device = of_device
                   AND CASE WHEN carer IS NOT NULL THEN is_own_carer(carer) ELSE is_own_service_user(home) END))
    GROUP BY 1
$$;
REVOKE ALL ON FUNCTION taps_of_door FROM PUBLIC;
GRANT EXECUTE ON FUNCTION taps_of_door TO calltime_council, calltime_provider;

-- At whose home a tag hangs is told to whoever may know; to others only that it hangs somewhere.
CREATE FUNCTION is_known_tag(of_tag text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM tag WHERE tag = of_tag)
$$;
REVOKE ALL ON FUNCTION is_known_tag FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_known_tag TO calltime_council, calltime_provider;

-- What asks as the owner finds its tables by name: it must never find one that somebody made for himself, not even a temporary one.
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = current_schema()::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
    END LOOP;
END
$$;

-- The homes that a provider visits, one after another, without reading each of its visits.
CREATE INDEX planned_visit_homes ON planned_visit (provider, service_user);
