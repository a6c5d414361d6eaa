-- When something of a case falls due by itself, as its document says; written with it, so that nobody
-- has to read all cases to find what is due. Nothing of it is personal; it goes when the case is erased.
CREATE TABLE timer (
  case_no BIGINT NOT NULL,
  n       BIGINT NOT NULL,        -- place in the list of the case
  kind    TEXT   NOT NULL,
  scope   TEXT   NOT NULL,        -- the part of the case it belongs to
  at      BIGINT NOT NULL,
  late    BIGINT NOT NULL,        -- 1: it ran out, and what was due is still owed
  PRIMARY KEY (case_no, n)
);
CREATE INDEX timer_at ON timer (late, at, case_no, n);
CREATE INDEX timer_kind ON timer (late, kind, at);
-- Documents older than this table are read once: an entry long past brings each to whoever keeps timers.
INSERT INTO timer (case_no, n, kind, scope, at, late)
  SELECT no, 0, 'unread', '', 1, 0 FROM case_file WHERE personal = 1 AND erased = 0 AND revision > 0;
