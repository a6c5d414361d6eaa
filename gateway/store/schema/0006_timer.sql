-- When something of a case falls due by itself, as its document says; written with it, so that nobody
-- has to read all cases to find what is due. Nothing of it is personal; it goes when the case is erased.
CREATE TABLE timer (
  case_no BIGINT NOT NULL,
  n       BIGINT NOT NULL,        -- place in the list of the case
  kind    TEXT   NOT NULL,
  scope   TEXT   NOT NULL,        -- the part of the case it belongs to
  at      BIGINT NOT NULL,
  state   BIGINT NOT NULL,        -- 0: runs; 1: it ran out, and what was due is still owed; 2: a date of the staff's own
  PRIMARY KEY (case_no, n)
);
CREATE INDEX timer_at ON timer (state, at, case_no, n);
CREATE INDEX timer_kind ON timer (state, kind, at);
-- Documents older than this table are read once: an entry long past brings each to whoever keeps timers.
INSERT INTO timer (case_no, n, kind, scope, at, state)
  SELECT no, 0, 'unread', '', 1, 0 FROM case_file WHERE personal = 1 AND erased = 0 AND revision > 0;
