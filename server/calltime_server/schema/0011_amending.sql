-- depends: 0010_visit_log
-- Amendments: why, until when, and who may still.

-- The council's own list of reasons. A code is never removed: it is archived by a later row, and offered no more.
CREATE TABLE reason (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code       text NOT NULL CHECK (code ~ '^[a-z0-9_]{1,40}$'),
    english    text NOT NULL,
    welsh      text,
    needs_words boolean NOT NULL DEFAULT false,
    archived   boolean NOT NULL DEFAULT false,
    noted_by   text NOT NULL,
    noted_at   timestamptz NOT NULL
);
CREATE INDEX reason_code ON reason (code, number);
INSERT INTO reason (code, english, welsh, needs_words, noted_by, noted_at)
SELECT code, english, welsh, code = 'other', 'the first list', '2026-01-01T00:00Z' FROM (VALUES
    ('forgot_in', 'Forgot to tap at the start', 'Wedi anghofio tapio ar y dechrau'),
    ('forgot_out', 'Forgot to tap at the end', 'Wedi anghofio tapio ar y diwedd'),
    ('forgot_both', 'Forgot to tap at both ends', 'Wedi anghofio tapio ar y dechrau a''r diwedd'),
    ('wrong_tag', 'Tapped the wrong tag', 'Wedi tapio''r tag anghywir'),
    ('tag_damaged', 'The tag is damaged', 'Mae''r tag wedi''i ddifrodi'),
    ('tag_missing', 'The tag is missing', 'Mae''r tag ar goll'),
    ('tag_not_installed', 'No tag was hung yet', 'Nid oes tag wedi''i osod eto'),
    ('device_battery', 'The device had no power', 'Nid oedd pŵer yn y ddyfais'),
    ('device_fault', 'The device was faulty', 'Roedd nam ar y ddyfais'),
    ('no_signal_lost', 'The device lost its records', 'Collodd y ddyfais ei chofnodion'),
    ('reader_down', 'The reader at the home was down', 'Nid oedd y darllenydd yn y cartref yn gweithio'),
    ('new_client_no_tag', 'A new service user without a tag', 'Defnyddiwr gwasanaeth newydd heb dag'),
    ('visit_away_from_home', 'The visit was away from home', 'Roedd yr ymweliad oddi cartref'),
    ('client_request_time', 'The service user asked for another time', 'Gofynnodd y defnyddiwr gwasanaeth am amser arall'),
    ('client_request_leave_early', 'The service user asked the carer to leave early', 'Gofynnodd y defnyddiwr gwasanaeth i''r gofalwr adael yn gynnar'),
    ('client_emergency', 'An emergency at the home', 'Argyfwng yn y cartref'),
    ('client_refused_access', 'The service user did not open', 'Ni wnaeth y defnyddiwr gwasanaeth agor y drws'),
    ('carer_late_traffic', 'Held up in traffic', 'Wedi''i ddal mewn traffig'),
    ('carer_replaced', 'Another carer came', 'Daeth gofalwr arall'),
    ('second_carer_late', 'The second carer was late', 'Roedd yr ail ofalwr yn hwyr'),
    ('weather', 'The weather', 'Y tywydd'),
    ('keysafe_problem', 'Trouble with the key safe', 'Trafferth gyda''r sêff allweddi'),
    ('shared_household', 'Two service users in one household', 'Dau ddefnyddiwr gwasanaeth mewn un cartref'),
    ('training_shadow', 'A carer in training came along', 'Daeth gofalwr dan hyfforddiant hefyd'),
    ('data_entry_error', 'A mistake of the office', 'Camgymeriad gan y swyddfa'),
    ('duplicate_tap', 'Tapped twice', 'Wedi tapio ddwywaith'),
    ('other', 'Another reason, in words', 'Rheswm arall, mewn geiriau')
) AS first_list (code, english, welsh);

-- An entry names its provider, so that another one that visits the same home does not see it. Entries from before are the council's to see.
ALTER TABLE entry ADD COLUMN provider text, ADD COLUMN person bigint, ADD COLUMN visit_id text, ADD COLUMN meant_for text, ADD COLUMN as_planned boolean;
COMMENT ON COLUMN entry.meant_for IS 'which row of which queue was mended by it, so that it is not mended twice; whose visit it becomes is found by its time';
COMMENT ON COLUMN entry.as_planned IS 'its time is the planned one to the minute: taken, and shown as such';
ALTER TABLE visit_report ADD COLUMN person bigint;
-- Whose account wrote it: what the council told is the council's to withdraw, and what a provider told takes no visit out of what was due.
ALTER TABLE entry ADD COLUMN by_provider text DEFAULT own_provider();
ALTER TABLE visit_report ADD COLUMN by_provider text DEFAULT own_provider();
COMMENT ON COLUMN entry.by_provider IS 'null: the council, or the command line';
COMMENT ON COLUMN visit_report.by_provider IS 'null: the council, or the command line';
ALTER TABLE entry_withdrawn ADD COLUMN person bigint;
CREATE INDEX entry_provider ON entry (provider, time);
CREATE INDEX entry_visit ON entry (visit_id);

-- Up to which day providers can amend no more, and from when on; of those that have begun the latest row stands. No row: nothing is locked.
CREATE TABLE lock_date (
    number         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    locked_through date NOT NULL,
    locks_at       timestamptz NOT NULL DEFAULT '-infinity',
    noted_by       text NOT NULL,
    noted_at       timestamptz NOT NULL
);
-- A provider asks for locked days to be opened again; somebody of the council says yes until a moment, or no.
CREATE TABLE unlock_asked (
    unlock    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider  text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL CHECK (last_day >= first_day),
    why       text NOT NULL CHECK (length(why) BETWEEN 1 AND 1000),
    noted_by  text NOT NULL,
    noted_at  timestamptz NOT NULL
);
CREATE TABLE unlock_decided (
    unlock     bigint PRIMARY KEY REFERENCES unlock_asked,
    open_until timestamptz,
    why        text NOT NULL,
    noted_by   text NOT NULL,
    noted_at   timestamptz NOT NULL
);
COMMENT ON COLUMN unlock_decided.open_until IS 'null: it was refused';

CREATE FUNCTION is_locked(of_day date, of_provider text, now timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT AS $$
    SELECT of_day <= (SELECT locked_through FROM lock_date WHERE locks_at <= now ORDER BY number DESC LIMIT 1) AND NOT EXISTS (
        SELECT FROM unlock_asked JOIN unlock_decided USING (unlock)
        WHERE provider = of_provider AND of_day BETWEEN first_day AND last_day AND open_until > now
        AND coalesce(own_provider(), of_provider) = of_provider -- what was opened for another one is not told
    )
$$;
COMMENT ON FUNCTION is_locked IS 'null where there is no lock date: nothing is locked';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['reason', 'lock_date', 'unlock_asked', 'unlock_decided'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
        EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END
$$;
