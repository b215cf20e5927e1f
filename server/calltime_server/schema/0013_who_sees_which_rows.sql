-- depends: 0012_work_and_notices
-- Row-level security: what each role may see and write of the tables that were there before, and of those that came with them.
--
-- The owner of the tables (gateways, settling and the command line) is not bound by it. Taps are in a hypertable, and TimescaleDB compresses
-- none that has row-level security: no role may read them at all, and a function shows those behind a visit.

CREATE INDEX planned_visit_provider ON planned_visit (provider, planned_start);
CREATE INDEX planned_visit_service_user ON planned_visit (service_user, planned_start, provider);
CREATE INDEX carer_provider_carer ON carer_provider (carer, since);
CREATE INDEX ledger_line_provider ON ledger_line (provider, planned_start);

-- For whom does a carer work now? For several, where they begin on the same day.
CREATE FUNCTION is_own_carer(of_carer text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM carer_provider WHERE carer = of_carer AND provider = own_provider() AND since = (
            SELECT max(since) FROM carer_provider WHERE carer = of_carer AND since <= (now() AT TIME ZONE 'Europe/London')::date))
$$;
-- Does another provider have this carer? Where nobody has said for whom a carer works, whoever's visits the carer made.
CREATE FUNCTION is_anothers_carer(of_carer text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM carer_provider WHERE carer = of_carer) THEN NOT is_own_carer(of_carer)
                ELSE EXISTS (SELECT FROM logged_visit WHERE carer = of_carer AND provider <> own_provider())
                     AND NOT EXISTS (SELECT FROM logged_visit WHERE carer = of_carer AND provider = own_provider()) END
$$;
-- Does the provider visit this service user, by plan or by package? Also a quarter after it has handed the visits over to another one: so
-- long its last statements are asked about.
CREATE FUNCTION is_own_service_user(of_service_user text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM planned_visit WHERE service_user = of_service_user AND provider = own_provider() AND planned_start >=
            least(now(), (SELECT max(planned_start) FROM planned_visit WHERE service_user = of_service_user)) - interval '91 days'
    ) OR EXISTS (
        SELECT FROM package p WHERE service_user = of_service_user AND provider = own_provider() AND coalesce(ends, 'infinity') >= now()::date - 91
        AND NOT EXISTS (SELECT FROM package later WHERE later.package = p.package AND later.number > p.number)
    )
$$;
-- All of them at once, for lists: the same two questions in one query each, for a function that is called for each of thousands of rows
-- takes long.
CREATE FUNCTION own_carers() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT DISTINCT carer FROM carer_provider own WHERE provider = own_provider() AND since = (
        SELECT max(since) FROM carer_provider c WHERE c.carer = own.carer AND since <= (now() AT TIME ZONE 'Europe/London')::date)
$$;
CREATE FUNCTION own_service_users() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH RECURSIVE asking AS MATERIALIZED (SELECT own_provider() AS provider), home (service_user) AS (
        (SELECT service_user FROM planned_visit WHERE provider = (SELECT provider FROM asking) ORDER BY service_user LIMIT 1)
        UNION ALL
        SELECT (SELECT p.service_user FROM planned_visit p
                WHERE p.provider = (SELECT provider FROM asking) AND p.service_user > home.service_user ORDER BY p.service_user LIMIT 1)
        FROM home WHERE home.service_user IS NOT NULL
    )
    SELECT service_user FROM home WHERE EXISTS (
        SELECT FROM planned_visit v WHERE v.service_user = home.service_user AND v.provider = (SELECT provider FROM asking)
        AND v.planned_start >= least(now(), (SELECT max(planned_start) FROM planned_visit l WHERE l.service_user = home.service_user))
            - interval '91 days')
    UNION SELECT service_user FROM package p
    WHERE provider = (SELECT provider FROM asking) AND coalesce(ends, 'infinity') >= now()::date - 91
    AND NOT EXISTS (SELECT FROM package later WHERE later.package = p.package AND later.number > p.number)
$$;
-- Is this absence from visits of the provider's own? One that was over before the provider came, or began after it had gone, is none of its
-- business.
CREATE FUNCTION is_absence_from_own(of_service_user text, of_since timestamptz, of_until timestamptz) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (
        SELECT FROM planned_visit WHERE service_user = of_service_user AND provider = own_provider()
        AND planned_start >= of_since - interval '28 days' AND planned_start < coalesce(of_until, 'infinity') + interval '28 days'
    ) OR EXISTS (
        SELECT FROM package p WHERE service_user = of_service_user AND provider = own_provider()
        AND coalesce(ends, 'infinity') >= of_since::date AND starts <= coalesce(of_until::date, 'infinity')
        AND NOT EXISTS (SELECT FROM package later WHERE later.package = p.package AND later.number > p.number)
    )
$$;
-- Is this badge free for the provider's carers: nobody's so far, or last given to one of them?
CREATE FUNCTION is_free_badge(of_uid text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce((SELECT is_own_carer(carer) FROM badge WHERE uid = of_uid ORDER BY valid_from DESC LIMIT 1), true)
$$;
-- Has anybody had this badge? The first has had it always, a later one from a moment on.
CREATE FUNCTION is_known_badge(of_uid text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT EXISTS (SELECT FROM badge WHERE uid = of_uid)
$$;
-- The taps behind the visits that the asking role may see: those of its ledger lines and of its visit log.
CREATE FUNCTION taps_of_visit(of_visit text) RETURNS TABLE (
    device text, seq bigint, "time" timestamptz, received_at timestamptz, jws text, alg text, public_key bytea
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH ends AS (
        SELECT start_device AS device, start_seq AS seq, provider, carer FROM ledger_line WHERE visit_id = of_visit
        UNION SELECT stop_device, stop_seq, provider, carer FROM ledger_line WHERE visit_id = of_visit
        UNION SELECT start_device, start_seq, provider, carer FROM logged_visit WHERE visit_id = of_visit
        UNION SELECT stop_device, stop_seq, provider, carer FROM logged_visit WHERE visit_id = of_visit
    ), seen AS (
        SELECT DISTINCT device, seq FROM ends
        WHERE CASE WHEN own_carer() IS NOT NULL THEN carer = own_carer() WHEN own_provider() IS NOT NULL THEN provider = own_provider()
                   ELSE own_person() IS NOT NULL END
    )
    SELECT e.device, e.seq, e.time, e.received_at, e.jws, door.alg, door.public_key
    FROM seen JOIN LATERAL (SELECT * FROM every_tap WHERE every_tap.device = seen.device AND every_tap.seq = seen.seq) AS e ON true
    JOIN door ON door.device = e.device
$$;
-- When is something noted, whatever it says of itself? Not before the last thing that anybody is known to have done: else a day that is locked
-- would be open to whoever writes that it was yesterday.
CREATE FUNCTION no_earlier(said timestamptz) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT greatest(said, (SELECT max(at) FROM audit))
$$;
-- Did what this visit was brought as before stand on a day that is locked? Then it cannot be moved off it.
CREATE FUNCTION stood_on_a_locked_day(of_provider text, of_their_id text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce((
        SELECT NOT withdrawn AND is_locked((coalesce(started, ended) AT TIME ZONE 'Europe/London')::date, provider, at)
        FROM brought_visit WHERE provider = of_provider AND their_id = of_their_id ORDER BY brought DESC LIMIT 1), false)
$$;
REVOKE ALL ON FUNCTION no_earlier, stood_on_a_locked_day, own_carers, own_service_users, is_own_carer, is_anothers_carer, is_own_service_user, is_absence_from_own, is_free_badge, is_known_badge, taps_of_visit,
    is_locked FROM PUBLIC;
GRANT EXECUTE ON FUNCTION no_earlier, stood_on_a_locked_day, own_carers, own_service_users, is_own_carer, is_anothers_carer, is_own_service_user, is_absence_from_own, is_free_badge, is_known_badge, is_locked
    TO calltime_person;
GRANT EXECUTE ON FUNCTION taps_of_visit TO calltime_council, calltime_provider, calltime_carer;

-- A view asks as its owner unless it is told to ask as whoever looks.
ALTER VIEW standing_line SET (security_invoker = true);

DO $$
DECLARE
    name text;
BEGIN
    -- What has a provider of its own: the council sees all of it, a provider what is its.
    FOREACH name IN ARRAY ARRAY['planned_visit', 'ledger_line', 'carer_provider', 'package', 'block', 'provider', 'entry', 'alert',
                                'alert_setting', 'brought_visit', 'brought_grade', 'unlock_asked', 'work', 'webhook', 'message'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_all ON %I TO calltime_council USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY of_own ON %I TO calltime_provider USING (provider = (SELECT own_provider())) '
                       'WITH CHECK (provider = (SELECT own_provider()))', name);
        EXECUTE format('GRANT SELECT ON %I TO calltime_council, calltime_provider', name);
    END LOOP;
    -- What is a carer's or a home's.
    FOREACH name IN ARRAY ARRAY['door', 'enrolment'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_all ON %I TO calltime_council USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY of_own ON %I TO calltime_provider '
                       'USING (carer IN (SELECT own_carers()) OR home IN (SELECT own_service_users())) '
                       'WITH CHECK (CASE WHEN carer IS NOT NULL THEN is_own_carer(carer) ELSE is_own_service_user(home) END)', name);
    END LOOP;
    -- What belongs to a door: whoever sees the door sees it.
    FOREACH name IN ARRAY ARRAY['door_progress', 'receipt', 'declared_loss', 'counted_hour'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_all ON %I FOR SELECT TO calltime_council USING (true)', name);
        EXECUTE format('CREATE POLICY of_own ON %I FOR SELECT TO calltime_provider '
                       'USING (EXISTS (SELECT FROM door WHERE door.device = %I.device))', name, name);
        EXECUTE format('GRANT SELECT ON %I TO calltime_council, calltime_provider', name);
    END LOOP;
    -- What is the same for everybody, and names nobody.
    FOREACH name IN ARRAY ARRAY['terms_text', 'pay_period', 'period_closed', 'payment_run', 'reason', 'lock_date', 'tending',
                                'forgotten', 'day_to_log'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO calltime_council, calltime_provider', name);
    END LOOP;
    -- What only the council sees.
    FOREACH name IN ARRAY ARRAY['settlement', 'settlement_input', 'quarantine', 'gateway_key'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO calltime_council', name);
    END LOOP;
END
$$;

-- What is a service user's: a provider sees that of those whom it visits.
ALTER TABLE tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON tag TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON tag TO calltime_provider USING (service_user IN (SELECT own_service_users())) WITH CHECK (is_own_service_user(service_user));
ALTER TABLE absence ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON absence TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON absence FOR SELECT TO calltime_provider USING (is_absence_from_own(service_user, since, until));
ALTER TABLE journey ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON journey TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON journey FOR SELECT TO calltime_provider
    USING (from_home IN (SELECT own_service_users()) AND to_home IN (SELECT own_service_users()));
GRANT SELECT ON tag, absence, journey TO calltime_council, calltime_provider;

-- What a provider is paid for a carer's visit is between it and the council.
GRANT SELECT ON standing_line TO calltime_council, calltime_provider;
GRANT SELECT ON reason TO calltime_carer;
GRANT SELECT ON entry TO calltime_carer;
CREATE POLICY of_carer ON entry FOR SELECT TO calltime_carer USING (carer = (SELECT own_carer()));

ALTER TABLE visit_report ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON visit_report TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON visit_report TO calltime_provider
    USING (EXISTS (SELECT FROM planned_visit p WHERE p.visit_id = visit_report.visit_id))
    WITH CHECK (EXISTS (SELECT FROM planned_visit p WHERE p.visit_id = visit_report.visit_id));
ALTER TABLE entry_withdrawn ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON entry_withdrawn TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON entry_withdrawn TO calltime_provider
    USING (EXISTS (SELECT FROM entry e WHERE e.entry = entry_withdrawn.entry))
    WITH CHECK (EXISTS (SELECT FROM entry e WHERE e.entry = entry_withdrawn.entry));
GRANT SELECT ON visit_report, entry_withdrawn TO calltime_council, calltime_provider;
ALTER TABLE unlock_decided ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON unlock_decided TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON unlock_decided FOR SELECT TO calltime_provider
    USING (EXISTS (SELECT FROM unlock_asked a WHERE a.unlock = unlock_decided.unlock));
GRANT SELECT ON unlock_decided TO calltime_council, calltime_provider;
ALTER TABLE badge ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_all ON badge TO calltime_council USING (true) WITH CHECK (true);
CREATE POLICY of_own ON badge TO calltime_provider USING (carer IN (SELECT own_carers())) WITH CHECK (is_own_carer(carer));
GRANT SELECT ON badge TO calltime_council, calltime_provider;
ALTER TABLE work_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_work ON work_file FOR SELECT TO calltime_council, calltime_provider
    USING (EXISTS (SELECT FROM work w WHERE w.work = work_file.work));
GRANT SELECT ON work_file TO calltime_council, calltime_provider;
-- A key is public, and what a door is for is asked for beside it; passwords at brokers are nobody's to see.
GRANT SELECT ON door TO calltime_council, calltime_provider;
GRANT SELECT (carer, home, made_at, expires_at, used_at, used_by) ON enrolment TO calltime_council, calltime_provider;
-- What the whole run comes to is the council's to know.
GRANT SELECT ON run_state TO calltime_council;
GRANT SELECT (number, run, state, at) ON run_state TO calltime_provider;

-- What a provider writes. Its entries bear its name, and none is taken for a day that is locked.
GRANT INSERT ON entry, entry_withdrawn, visit_report, unlock_asked, brought_visit, alert_setting, enrolment, tag, badge, carer_provider, work,
    webhook, message, day_to_log TO calltime_provider, calltime_officer;
GRANT UPDATE (since) ON day_to_log TO calltime_provider, calltime_officer;
GRANT UPDATE (revoked_at) ON door TO calltime_provider, calltime_officer;
GRANT DELETE ON broker_password TO calltime_provider, calltime_officer;
GRANT SELECT (device) ON broker_password TO calltime_provider, calltime_officer;
ALTER TABLE broker_password ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_door ON broker_password TO calltime_provider, calltime_officer
    USING (EXISTS (SELECT FROM door WHERE door.device = broker_password.device));
GRANT UPDATE (disabled_at) ON webhook TO calltime_provider, calltime_officer;
-- A door that is revoked is let in again by its next code alone, and what came of it meanwhile stays in quarantine.
CREATE POLICY only_out ON door AS RESTRICTIVE FOR UPDATE TO calltime_person USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
-- Whoever has a carer sees the carer's doors and badges: a provider takes on nobody whom another one has. The council may note that.
CREATE POLICY only_free ON carer_provider AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (NOT is_anothers_carer(carer));
-- Taps of a badge are whose it was: a provider gives none of another's, and takes none back on days that are locked.
CREATE POLICY only_free ON badge AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (is_free_badge(uid));
CREATE POLICY only_unlocked ON badge AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (
    NOT is_known_badge(uid) OR is_locked((valid_from AT TIME ZONE 'Europe/London')::date, (SELECT own_provider()), now()) IS NOT TRUE);
-- An end is entered of a visit of its own: at a home that it visits and by no carer of another's, or of one that stands in its log.
CREATE POLICY only_own ON entry AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (
    is_own_service_user(service_user) AND NOT is_anothers_carer(carer) OR EXISTS (
        SELECT FROM logged_visit v WHERE v.service_user = entry.service_user AND (v.carer = entry.carer OR v.carer IS NULL)
        AND v.day BETWEEN (entry.time AT TIME ZONE 'Europe/London')::date - 1 AND (entry.time AT TIME ZONE 'Europe/London')::date + 1));
CREATE POLICY only_unlocked ON entry AS RESTRICTIVE FOR INSERT TO calltime_provider
    WITH CHECK (is_locked((time AT TIME ZONE 'Europe/London')::date, provider, no_earlier(noted_at)) IS NOT TRUE);
CREATE POLICY only_unlocked ON entry_withdrawn AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (
    NOT EXISTS (SELECT FROM entry e WHERE e.entry = entry_withdrawn.entry
                AND is_locked((e.time AT TIME ZONE 'Europe/London')::date, e.provider, no_earlier(entry_withdrawn.noted_at))));
CREATE POLICY only_unlocked ON visit_report AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (
    NOT EXISTS (SELECT FROM planned_visit p WHERE p.visit_id = visit_report.visit_id
                AND is_locked((p.planned_start AT TIME ZONE 'Europe/London')::date, p.provider, no_earlier(visit_report.noted_at))));
-- In its own name; and what the council wrote, only the council withdraws.
CREATE POLICY in_own_name ON entry AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (by_provider = (SELECT own_provider()));
CREATE POLICY in_own_name ON visit_report AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (by_provider = (SELECT own_provider()));
CREATE POLICY only_own ON entry_withdrawn AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (
    EXISTS (SELECT FROM entry e WHERE e.entry = entry_withdrawn.entry AND e.by_provider = (SELECT own_provider())));
CREATE FUNCTION is_own_report(visit text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT r.by_provider = own_provider() FROM visit_report r WHERE r.visit_id = visit ORDER BY r.number DESC LIMIT 1
$$;
COMMENT ON FUNCTION is_own_report IS 'whether the latest report of a visit is of the asking provider''s own account';
CREATE POLICY only_own ON visit_report AS RESTRICTIVE FOR INSERT TO calltime_provider WITH CHECK (kind <> 'withdrawn' OR is_own_report(visit_id));

-- What an officer writes, and what an approver writes.
GRANT INSERT ON planned_visit, absence, journey, package, block, provider, reason, lock_date, unlock_decided, brought_grade, payment_run,
    pay_period, period_closed TO calltime_officer;
GRANT UPDATE, DELETE ON planned_visit TO calltime_officer;
GRANT INSERT ON run_state, work, message TO calltime_officer, calltime_approver;
-- Who prepares never approves, and who approves does nothing else to a run.
ALTER TABLE run_state ENABLE ROW LEVEL SECURITY;
CREATE POLICY states ON run_state FOR SELECT TO calltime_council, calltime_provider USING (true);
CREATE POLICY prepared ON run_state FOR INSERT TO calltime_officer WITH CHECK (state <> 'approved');
CREATE POLICY approved ON run_state FOR INSERT TO calltime_approver WITH CHECK (state IN ('approved', 'draft'));
-- Administrators keep hooks and see what long work was done, not what came out of it.
GRANT INSERT ON webhook, work TO calltime_administrator;
GRANT UPDATE (disabled_at) ON webhook TO calltime_administrator;
CREATE POLICY of_hooks ON webhook TO calltime_administrator USING (true) WITH CHECK (true);
CREATE POLICY of_messages ON message TO calltime_administrator USING (provider IS NULL) WITH CHECK (provider IS NULL);
GRANT INSERT ON message TO calltime_administrator;
-- A webhook's secret is shown once and signs from then on; what a message says may be a way in, and is for whom it is sent to.
REVOKE SELECT ON webhook, message FROM calltime_council, calltime_provider;
GRANT SELECT (webhook, address, events, provider, made_by, made_at, disabled_at) ON webhook
    TO calltime_council, calltime_provider, calltime_administrator;
GRANT SELECT (message, webhook, provider, event, made_at, not_before, tried, tried_at, sent_at, given_up_at, says) ON message
    TO calltime_council, calltime_provider, calltime_administrator;
GRANT UPDATE (not_before, tried, sent_at, given_up_at) ON message TO calltime_provider, calltime_officer, calltime_administrator;
-- Visits of a provider's own system: of those whom it visits, by carers who are nobody else's, and of days that are not locked.
CREATE POLICY only_own ON brought_visit AS RESTRICTIVE FOR INSERT TO calltime_provider
    WITH CHECK (withdrawn OR (is_own_service_user(service_user) AND NOT is_anothers_carer(carer)));
CREATE POLICY only_unlocked ON brought_visit AS RESTRICTIVE FOR INSERT TO calltime_provider
    WITH CHECK (is_locked((coalesce(started, ended) AT TIME ZONE 'Europe/London')::date, provider, no_earlier(noted_at)) IS NOT TRUE
                AND NOT stood_on_a_locked_day(provider, their_id, no_earlier(noted_at)));
CREATE POLICY of_all ON alert_told FOR SELECT TO calltime_council USING (true);
CREATE POLICY of_own ON alert_told FOR SELECT TO calltime_provider USING (EXISTS (SELECT FROM alert a WHERE a.alert = alert_told.alert));
ALTER TABLE alert_told ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON alert_told TO calltime_council, calltime_provider;
GRANT SELECT ON work TO calltime_administrator;
CREATE POLICY of_works ON work TO calltime_administrator USING (person = (SELECT own_person())) WITH CHECK (person = (SELECT own_person()));

-- Long work is done by the office itself, so what is asked for is looked at here: in one's own name, and only what one's role may ask for.
CREATE POLICY in_own_name ON work AS RESTRICTIVE FOR INSERT TO calltime_person WITH CHECK (
    person = (SELECT own_person()) AND provider IS NOT DISTINCT FROM (SELECT own_provider())
    AND CASE current_user
            WHEN 'calltime_officer' THEN kind IN ('settle', 'export', 'bundle', 'try-terms', 'report', 'subject-access')
            WHEN 'calltime_approver' THEN kind IN ('bundle', 'try-terms', 'report')
            WHEN 'calltime_auditor' THEN kind IN ('bundle', 'try-terms', 'report')
            WHEN 'calltime_administrator' THEN kind = 'subject-access'
            ELSE false END);
-- Nobody writes letters in the office's name, but to own webhooks; invitations are the administrators'. An officer who has just answered
-- what a provider asked tells it, at the address that the provider named itself.
CREATE POLICY to_own_hooks ON message AS RESTRICTIVE FOR INSERT TO calltime_council, calltime_provider WITH CHECK (
    EXISTS (SELECT FROM webhook w WHERE w.webhook = message.webhook AND w.provider IS NOT DISTINCT FROM (SELECT own_provider()))
    OR current_user = 'calltime_officer' AND event = 'unlock.decided'
        AND email = (SELECT s.email FROM alert_setting s WHERE s.provider = message.provider ORDER BY s.number DESC LIMIT 1)
        AND EXISTS (SELECT FROM unlock_asked a JOIN unlock_decided d USING (unlock)
                    WHERE a.provider = message.provider AND d.noted_at = message.made_at));
REVOKE EXECUTE ON FUNCTION tell_webhooks FROM calltime_provider, calltime_administrator;
-- What was done was done by whoever did it, and a token does what its maker may.
CREATE POLICY in_own_name ON audit AS RESTRICTIVE FOR INSERT TO calltime_person WITH CHECK (
    person = (SELECT own_person()) AND provider IS NOT DISTINCT FROM (SELECT own_provider()) AND 'calltime_' || role = current_user);
-- A token that was revoked is never good again.
CREATE POLICY only_out ON api_token AS RESTRICTIVE FOR UPDATE TO calltime_person USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
CREATE POLICY in_own_name ON api_token AS RESTRICTIVE FOR INSERT TO calltime_person
    WITH CHECK (made_by = (SELECT own_person()) AND 'calltime_' || role = current_user);

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO calltime_person', current_schema());
END
$$;
