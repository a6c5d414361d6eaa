-- What witnesses said of checkpoints. One line of a signed note each; it holds nothing personal, and
-- losing it loses only the witness's word.
CREATE TABLE cosignature (
  size    BIGINT NOT NULL,
  witness TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  line    TEXT   NOT NULL,
  PRIMARY KEY (size, witness)
);
CREATE INDEX cosignature_witness ON cosignature (witness, size);
