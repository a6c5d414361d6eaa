-- Every blob has a key of its own. While it is staged the key is in memory only and no case is
-- written for it (case_no is 0); once bound, sealed holds the key, sealed with that of the case.
-- NULL in a bound blob: its chunks are sealed with the key of the case.
ALTER TABLE blob ADD COLUMN sealed BYTEA;
