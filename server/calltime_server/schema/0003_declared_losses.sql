-- depends: 0002_the_office
-- What doors say that they have lost: numbers that they no longer hold and will never send. Written with the boot record that says so.

CREATE TABLE declared_loss (
    device      text NOT NULL,
    first       bigint NOT NULL CHECK (first > 0),
    last        bigint NOT NULL CHECK (last >= first),
    declared_by bigint NOT NULL CHECK (declared_by > last),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (device, first, declared_by),
    FOREIGN KEY (device, declared_by) REFERENCES receipt (device, seq)
);
COMMENT ON TABLE declared_loss IS 'ranges as declared: what of them is stored all the same stands in receipt';
COMMENT ON COLUMN declared_loss.declared_by IS 'the number of the boot record that says so';

-- A gap that a door has declared lost is closed, so `through` stands for numbers that are stored or lost; `digest` is of a stored record.
COMMENT ON COLUMN door_progress.through IS 'every number up to this one is stored or declared lost, and this one is stored';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON declared_loss FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON declared_loss FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
