-- depends: 0004_the_boards
-- With which password does a door call the brokers? Made at its enrolment, and forgotten when it is revoked.

-- Readable as it stands: a broker that is added later must be given it too, and holds only a hash of it. In a table of its own, so that
-- whoever may read doors need not read passwords. What one opens is a way to be heard: no record is believed without the door's signature.
CREATE TABLE broker_password (
    device   text PRIMARY KEY REFERENCES door,
    password text NOT NULL CHECK (length(password) BETWEEN 20 AND 128),
    serial   bigint GENERATED ALWAYS AS IDENTITY
);
COMMENT ON COLUMN broker_password.serial IS 'noted at the brokers beside the door, so that one that still holds an older password is found';
