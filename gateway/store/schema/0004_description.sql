-- What a dataset case describes, version after version: canonical N-Quads, compressed. At most one
-- version of a case is current: what was last told and not withdrawn. It holds nothing personal
-- beyond the contact points of bodies; it is erased with its case all the same.
CREATE TABLE description (
  case_no  BIGINT NOT NULL,
  version  BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  current  BIGINT NOT NULL,
  size     BIGINT NOT NULL,        -- of the content, in bytes
  digest   TEXT   NOT NULL,        -- of the content
  exchange TEXT   NOT NULL,        -- digest of the exchange form
  sealed   BYTEA  NOT NULL,
  PRIMARY KEY (case_no, version)
);
CREATE UNIQUE INDEX description_current ON description (case_no) WHERE current = 1;
