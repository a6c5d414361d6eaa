-- Times are microseconds since 1970 UTC. {{rowid}} is the engine's 64-bit integer primary key.
-- Columns named sealed hold one byte of form and then clear or encrypted content (seal.go).

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE case_file (
  no       {{rowid}},
  id       TEXT NOT NULL UNIQUE,   -- a keyed hash once erased
  personal BIGINT NOT NULL,        -- 1: everything of the case is encrypted with its key
  erased   BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  updated  BIGINT NOT NULL,
  sealed   BYTEA                   -- the case document
);

CREATE TABLE case_key (
  case_no BIGINT PRIMARY KEY,
  ring_no BIGINT NOT NULL UNIQUE,  -- place in the key ring
  wrapped BYTEA NOT NULL
);

CREATE TABLE erasure (
  ring_no {{rowid}},
  at      BIGINT NOT NULL
);

CREATE TABLE inbound_seq (
  case_no BIGINT NOT NULL,
  sender  TEXT NOT NULL,
  applied BIGINT NOT NULL,
  PRIMARY KEY (case_no, sender)
);

CREATE TABLE outbound_seq (
  case_no BIGINT NOT NULL,
  target  TEXT NOT NULL,
  last    BIGINT NOT NULL,
  PRIMARY KEY (case_no, target)
);

CREATE TABLE message (
  no           {{rowid}},
  iss          TEXT NOT NULL,
  jti          TEXT NOT NULL,
  case_no      BIGINT NOT NULL,
  type         TEXT NOT NULL,
  seq          BIGINT NOT NULL,
  class        TEXT NOT NULL,
  digest       TEXT NOT NULL,
  token_sha256 TEXT NOT NULL,
  rejected     BIGINT NOT NULL,
  held         BIGINT NOT NULL,             -- 1: waits for an earlier number; 2: waited once
  received_at  BIGINT NOT NULL,
  leaf         BIGINT,             -- NULL once erased
  sealed       BYTEA,              -- claims, problem
  receipt      BYTEA,              -- sealed
  UNIQUE (iss, jti)
);
CREATE INDEX message_held ON message (case_no, no) WHERE held = 1;
CREATE INDEX message_case ON message (case_no, no);

CREATE TABLE message_blob (
  message_no BIGINT NOT NULL,
  attachment TEXT NOT NULL,
  blob_id    TEXT NOT NULL,
  PRIMARY KEY (message_no, attachment)
);

CREATE TABLE outbox (
  id       {{rowid}},
  channel  TEXT NOT NULL,
  target   TEXT NOT NULL,
  case_no  BIGINT NOT NULL,
  jti      TEXT NOT NULL,
  type     TEXT NOT NULL,
  seq      BIGINT NOT NULL,
  state    TEXT NOT NULL,
  head     BIGINT NOT NULL,        -- 1: first queued row of its line
  attempts BIGINT NOT NULL,
  reason   TEXT NOT NULL,
  created  BIGINT NOT NULL,
  due      BIGINT NOT NULL,
  sealed   BYTEA,                  -- payload, blob references
  receipt  BYTEA                   -- sealed
);
CREATE INDEX outbox_due ON outbox (due, id) WHERE head = 1;
CREATE INDEX outbox_line ON outbox (channel, target, case_no, seq, id) WHERE state = 'queued';
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
CREATE INDEX outbox_jti ON outbox (jti) WHERE jti <> '';
CREATE INDEX outbox_case ON outbox (case_no, id);

CREATE TABLE attempt (
  leaf         {{rowid}},
  outbox_id    BIGINT NOT NULL,
  token_sha256 TEXT NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX attempt_outbox ON attempt (outbox_id, leaf);

CREATE TABLE permit (
  id        TEXT PRIMARY KEY,
  case_no   BIGINT NOT NULL,
  list      TEXT NOT NULL,
  idx       BIGINT NOT NULL,
  status    BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  sealed    BYTEA,                 -- token
  UNIQUE (list, idx)
);
CREATE INDEX permit_case ON permit (case_no, id);
CREATE INDEX permit_status ON permit (list, idx) WHERE status <> 0;

CREATE TABLE mail (
  namespace TEXT NOT NULL,
  key       TEXT NOT NULL,
  case_no   BIGINT NOT NULL,
  sealed    BYTEA NOT NULL,
  PRIMARY KEY (namespace, key)
);
CREATE INDEX mail_case ON mail (case_no);

CREATE TABLE blob (
  id      TEXT PRIMARY KEY,
  case_no BIGINT NOT NULL,
  bound   BIGINT NOT NULL,         -- 0: staged, no message refers to it yet
  size    BIGINT NOT NULL,         -- -1 while staging
  sha256  TEXT NOT NULL
);
CREATE INDEX blob_case ON blob (case_no);
CREATE INDEX blob_staged ON blob (id) WHERE bound = 0;

CREATE TABLE blob_chunk (
  blob_id TEXT NOT NULL,
  n       BIGINT NOT NULL,
  sealed  BYTEA NOT NULL,
  PRIMARY KEY (blob_id, n)
);

-- The log. hashes are the RFC 6962 nodes this leaf completes, lowest level first, 32 bytes each.
CREATE TABLE leaf (
  idx     {{rowid}},
  case_no BIGINT,                  -- NULL once erased
  class   TEXT NOT NULL,
  at      BIGINT NOT NULL,
  leaf    BYTEA NOT NULL,
  hashes  BYTEA NOT NULL
);
CREATE INDEX leaf_case ON leaf (case_no, idx) WHERE case_no IS NOT NULL;

-- What a leaf commits to: 16 bytes of salt, then the token or record.
CREATE TABLE leaf_material (
  idx    {{rowid}},
  sealed BYTEA NOT NULL
);

CREATE TABLE checkpoint (
  size {{rowid}},
  at   BIGINT NOT NULL,
  note BYTEA NOT NULL
);
