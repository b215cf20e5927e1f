-- depends: 0008_periods_and_runs
-- Who may sign in, what they did, and as whom the database is asked.

-- One role of the database for each role of a person; the office puts one of them on for each request (SET LOCAL ROLE). Roles belong to the
-- whole server, so they may be there already.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['calltime_person', 'calltime_council', 'calltime_carer', 'calltime_provider', 'calltime_officer',
                                'calltime_approver', 'calltime_auditor', 'calltime_administrator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database of this server was migrated in the same moment
            END;
        END IF;
    END LOOP;
    -- Everybody is a person, and officers, approvers and auditors are of the council.
    IF NOT pg_has_role('calltime_auditor', 'calltime_council', 'MEMBER') THEN
        PERFORM pg_advisory_xact_lock(hashtext('calltime roles'));
        GRANT calltime_council TO calltime_officer, calltime_approver, calltime_auditor;
        GRANT calltime_person TO calltime_council, calltime_carer, calltime_provider, calltime_administrator;
    END IF;
    -- Whoever migrates is whoever serves, and must be able to put each of them on.
    FOREACH name IN ARRAY ARRAY['calltime_carer', 'calltime_provider', 'calltime_officer', 'calltime_approver', 'calltime_auditor',
                                'calltime_administrator'] LOOP
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            EXCEPTION WHEN insufficient_privilege THEN
                RAISE WARNING 'The role % was made by another login of this server. Pages need: GRANT % TO %', name, name, current_user;
            END;
        END IF;
    END LOOP;
END
$$;

-- An account. Nobody is removed: what they did names them. With an issuer, an organisation's own sign-in vouches for the person; whose
-- subject it is there is written down at the first time.
CREATE TABLE person (
    person        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email         text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
    role          text NOT NULL CHECK (role IN ('carer', 'provider', 'officer', 'approver', 'auditor', 'administrator')),
    provider      text,
    carer         text,
    language      text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'cy')),
    password_hash text,
    totp_secret   text,
    totp_step     bigint,
    issuer        text,
    subject       text,
    made_by       text NOT NULL,
    made_at       timestamptz NOT NULL,
    disabled_at   timestamptz,
    seen_at       timestamptz,
    UNIQUE (email),
    UNIQUE (issuer, subject),
    CHECK ((role IN ('carer', 'provider')) = (provider IS NOT NULL)),
    CHECK ((role = 'carer') = (carer IS NOT NULL)),
    CHECK (subject IS NULL OR issuer IS NOT NULL)
);
COMMENT ON COLUMN person.password_hash IS 'argon2id, with its own salt and cost';
COMMENT ON COLUMN person.totp_step IS 'the step of the last code that was used: none is good twice';

CREATE TABLE passkey (
    credential bytea PRIMARY KEY,
    person     bigint NOT NULL REFERENCES person,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    called     text NOT NULL,
    made_at    timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX passkey_person ON passkey (person);

-- Codes on paper for a lost second factor; each is good once.
CREATE TABLE recovery_code (
    person  bigint NOT NULL REFERENCES person,
    digest  bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (person, digest)
);

-- Of what a browser holds only the digest is kept, so that whoever reads the table cannot sign in with it.
CREATE TABLE session (
    digest      bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    person      bigint NOT NULL REFERENCES person,
    csrf        text NOT NULL,
    begun_at    timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    complete    boolean NOT NULL DEFAULT true,
    challenge   bytea,
    offered     text,
    agent       text NOT NULL DEFAULT ''
);
CREATE INDEX session_person ON session (person);
COMMENT ON COLUMN session.complete IS 'false while the second factor is asked for: the person may see nothing yet';
COMMENT ON COLUMN session.offered IS 'the secret of a code app that is being set up, until a code of it was shown';

-- Addresses that sign somebody in once: an invitation, or the way back in that an administrator gives.
CREATE TABLE sign_in_link (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    person     bigint NOT NULL REFERENCES person,
    purpose    text NOT NULL CHECK (purpose IN ('invitation', 'sign_in', 'straight_in')),
    made_by    text NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

-- Who went to the organisation's own sign-in and is expected back. `digest` is that of what the browser holds meanwhile.
CREATE TABLE sign_in_elsewhere (
    digest   bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    state    text NOT NULL,
    nonce    text NOT NULL,
    verifier text NOT NULL,
    back     text NOT NULL,
    made_at  timestamptz NOT NULL
);

-- Each is counted before it is tried, so that a hundred at once are a hundred.
CREATE TABLE sign_in_attempt (
    attempt   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    account   bytea NOT NULL,
    address   text NOT NULL,
    succeeded boolean NOT NULL
);
CREATE INDEX sign_in_attempt_account ON sign_in_attempt (account, at);
CREATE INDEX sign_in_attempt_address ON sign_in_attempt (address, at);
COMMENT ON COLUMN sign_in_attempt.account IS 'a digest of what was written as e-mail address: people type passwords there by mistake';

-- What a program shows instead of a session. It may do no more than its role, and of that only its scopes.
CREATE TABLE api_token (
    token      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest     bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    called     text NOT NULL,
    role       text NOT NULL CHECK (role IN ('provider', 'officer', 'approver', 'auditor', 'administrator')),
    provider   text,
    scopes     text[] NOT NULL,
    made_by    bigint NOT NULL REFERENCES person,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CHECK ((role = 'provider') = (provider IS NOT NULL))
);

-- The first answer to a write that a program may repeat; asked again with the same key, it is told the same.
CREATE TABLE idempotent_answer (
    token   bigint NOT NULL REFERENCES api_token,
    key     text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    asked   bytea NOT NULL CHECK (octet_length(asked) = 32),
    status  integer,
    body    bytea,
    headers jsonb,
    at      timestamptz NOT NULL,
    PRIMARY KEY (token, key)
);
CREATE INDEX idempotent_answer_at ON idempotent_answer (at);
COMMENT ON COLUMN idempotent_answer.asked IS 'digest of method, path and body: the same key for something else is refused';

-- Everything that reads or changes personal data. `provider` is the one of whoever did it: a provider may see what its own people did.
CREATE TABLE audit (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    person   bigint,
    token    bigint,
    name     text NOT NULL,
    role     text NOT NULL,
    provider text,
    did      text NOT NULL,
    about    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_person ON audit (person, at);
CREATE INDEX audit_did ON audit (did, number);
CREATE INDEX audit_visit ON audit (left(about ->> 'visit', 200), number);
CREATE INDEX audit_about ON audit USING gin (about jsonb_path_ops);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was let go for its age, beside taps (`forgotten`).
CREATE TABLE let_go (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind   text NOT NULL,
    before timestamptz NOT NULL,
    rows   bigint NOT NULL,
    at     timestamptz NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON let_go FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON let_go FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whom the settings of a transaction name. Nothing is set: nobody, who sees nothing.
CREATE FUNCTION own_provider() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('calltime.provider', true), '') $$;
CREATE FUNCTION own_carer() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('calltime.carer', true), '') $$;
CREATE FUNCTION own_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('calltime.person', true), '')::bigint $$;

GRANT INSERT ON audit TO calltime_person;
GRANT SELECT ON audit TO calltime_auditor, calltime_administrator, calltime_provider;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_doing ON audit FOR INSERT TO calltime_person WITH CHECK (person = own_person() OR token IS NOT NULL);
CREATE POLICY all_doing ON audit FOR SELECT TO calltime_auditor, calltime_administrator USING (true);
CREATE POLICY doing_of_own ON audit FOR SELECT TO calltime_provider USING (provider = (SELECT own_provider()));

-- Secrets are asked for by the office itself, when somebody signs in; no role sees them.
GRANT SELECT (person, name, email, role, provider, carer, language, issuer, made_by, made_at, disabled_at, seen_at) ON person TO calltime_administrator;
GRANT INSERT (name, email, role, provider, carer, language, issuer, made_by, made_at) ON person TO calltime_administrator;
GRANT UPDATE (name, role, provider, carer, disabled_at) ON person TO calltime_administrator;
-- Secrets of others are taken away, never set: whoever could write a password could come in as anybody.
CREATE FUNCTION take_way_in_away(of_person bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    UPDATE person SET totp_secret = NULL, totp_step = NULL, password_hash = NULL
    WHERE person = of_person AND person IS DISTINCT FROM own_person()
$$;
REVOKE ALL ON FUNCTION take_way_in_away FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_way_in_away TO calltime_administrator;
-- To end somebody's sessions, to take a lost second factor away, and to give a way in, without seeing any of them.
GRANT SELECT (person), DELETE ON session, passkey, recovery_code TO calltime_administrator;
GRANT INSERT ON sign_in_link TO calltime_administrator;
GRANT SELECT (token, called, role, provider, scopes, made_by, made_at, expires_at, used_at, revoked_at) ON api_token TO calltime_person;
GRANT INSERT (digest, called, role, provider, scopes, made_by, made_at, expires_at), UPDATE (revoked_at) ON api_token TO calltime_person;
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY tokens_of_all ON api_token TO calltime_administrator USING (true) WITH CHECK (true);
CREATE POLICY tokens_of_council ON api_token TO calltime_council USING (provider IS NULL AND role <> 'administrator')
    WITH CHECK (provider IS NULL AND role <> 'administrator');
CREATE POLICY tokens_of_own ON api_token TO calltime_provider USING (provider = (SELECT own_provider()))
    WITH CHECK (provider = (SELECT own_provider()));
-- Each token its own answers: they are kept in the transaction of what they tell of, so as the role that asked.
GRANT SELECT, INSERT, DELETE ON idempotent_answer TO calltime_person;
ALTER TABLE idempotent_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_token ON idempotent_answer TO calltime_person
    USING (token = (SELECT nullif(current_setting('calltime.token', true), '')::bigint))
    WITH CHECK (token = (SELECT nullif(current_setting('calltime.token', true), '')::bigint));
