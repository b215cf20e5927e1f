-- depends: 0019_away_and_by_line
-- What carers' own phones show: what a home is called there, and which homes and plans a carer's phone is told.

-- What the phones of those who come call a home, instead of its reference: initials, or whatever its provider lets them show. It may be taken
-- back, and is then gone. Records and messages hold references alone.
CREATE TABLE home_called (
    service_user text PRIMARY KEY,
    called       text NOT NULL CHECK (length(called) BETWEEN 1 AND 30),
    noted_by     text NOT NULL,
    noted_at     timestamptz NOT NULL
);
ALTER TABLE home_called ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON home_called TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON home_called TO calltime_provider USING (is_own_service_user(service_user)) WITH CHECK (is_own_service_user(service_user));
GRANT SELECT ON home_called TO calltime_council, calltime_provider;
GRANT INSERT, UPDATE, DELETE ON home_called TO calltime_provider, calltime_officer;

-- With which the office knows a number again that it gave to a door a moment ago, whichever of its processes is asked. No role reads it.
CREATE TABLE office_secret (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    secret   bytea NOT NULL CHECK (octet_length(secret) = 32)
);
INSERT INTO office_secret (secret) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- For whom does the asking carer work on this day? Where nobody has said, for whoever's visits the carer made lately: those of which something
-- is proved, for with an `away` (grade 0) a phone can name any home.
CREATE FUNCTION employers_of_own(on_day date) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT provider FROM carer_provider WHERE carer = own_carer() AND since = (
        SELECT max(since) FROM carer_provider WHERE carer = own_carer() AND since <= on_day)
    UNION
    SELECT provider FROM logged_visit WHERE carer = own_carer() AND provider IS NOT NULL AND day BETWEEN on_day - 14 AND on_day + 14
    AND greatest(start_grade, stop_grade) > 0 AND NOT EXISTS (SELECT FROM carer_provider WHERE carer = own_carer())
$$;
-- Which homes is the asking carer's phone told? Of those where one of the carer's providers visits: those of visits that the carer made within
-- two weeks, and those of the tags that the phone has seen itself. A made visit alone says nothing: whoever guesses a service user makes one by an
-- `away` tap. Of tags, only those that the carer has tapped or seen: no plan names a carer, and a tag's id is a secret of its home; whoever had
-- it without having been there could make taps up.
CREATE FUNCTION homes_of_own(seen text[], at timestamptz) RETURNS TABLE (tag text, service_user text, called text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH visited AS (
        SELECT DISTINCT v.service_user FROM logged_visit v
        WHERE v.carer = own_carer() AND v.service_user IS NOT NULL
        AND v.day BETWEEN (at AT TIME ZONE 'Europe/London')::date - 14 AND (at AT TIME ZONE 'Europe/London')::date + 14
    ), tapped AS (
        -- A day more than visits have: whatever was tapped on the first of their days is among it.
        SELECT DISTINCT e.place_ref FROM every_tap e JOIN door d USING (device)
        WHERE d.carer = own_carer() AND e.place_via IN ('nfc', 'qr') AND e.time BETWEEN at - interval '15 days' AND at + interval '15 days'
    ), hung AS (
        SELECT t.tag, v.service_user FROM visited v
        -- Digests of telephone numbers are of no use to a phone.
        LEFT JOIN tag t ON t.service_user = v.service_user AND NOT starts_with(t.tag, 'tel_')
            AND (t.tag = ANY (seen) OR t.tag IN (SELECT place_ref FROM tapped))
        UNION
        SELECT t.tag, t.service_user FROM tag t WHERE t.tag = ANY (seen) AND NOT starts_with(t.tag, 'tel_') AND own_carer() IS NOT NULL
    )
    SELECT hung.tag, hung.service_user, coalesce(c.called, hung.service_user) FROM hung LEFT JOIN home_called c USING (service_user)
    WHERE EXISTS (
        SELECT FROM planned_visit p WHERE p.service_user = hung.service_user
        AND p.planned_start BETWEEN at - interval '15 days' AND at + interval '15 days'
        AND p.provider IN (SELECT employers_of_own((at AT TIME ZONE 'Europe/London')::date)))
$$;
-- What is planned at these homes by the carer's own providers. It does not say that this carer is to come: the plan does not know that.
CREATE FUNCTION planned_of_own(seen text[], at timestamptz, first timestamptz, until timestamptz)
RETURNS TABLE (visit_id text, service_user text, planned_start timestamptz, planned_minutes integer) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT p.visit_id, p.service_user, p.planned_start, p.planned_minutes FROM planned_visit p
    WHERE p.service_user IN (SELECT h.service_user FROM homes_of_own(seen, at) h) AND p.planned_start >= first AND p.planned_start < until
    AND p.provider IN (SELECT employers_of_own((at AT TIME ZONE 'Europe/London')::date))
$$;
REVOKE ALL ON FUNCTION employers_of_own, homes_of_own, planned_of_own FROM PUBLIC;
GRANT EXECUTE ON FUNCTION homes_of_own, planned_of_own TO calltime_carer;

-- What asks as the owner finds its tables by name: never one that somebody made for himself.
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = current_schema()::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
    END LOOP;
END
$$;
