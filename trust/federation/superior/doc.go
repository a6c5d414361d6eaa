// Package superior is a trust anchor or an intermediate of OpenID Federation 1.1: it keeps the register
// of the entities below it, and serves what the federation asks of a superior: its configuration,
// statements (fetch), list, resolve, trust marks with their status and list, and historical keys.
//
// It is for `ehdsgw anchor`. Guarantees: every answer says what the register says at the moment it
// is asked for, so that a suspension or withdrawal made by another process counts for the next request (a
// file edited by hand in place: within five seconds where all subordinates are looked at);
// a statement holds only the keys that were pinned at enrolment, whatever the entity shows meanwhile;
// no mark is made for an entity that is not active; marks live seven days at most; a mark of another
// issuer is never spoken about; only entities in the register are ever called. It does not decide who is
// enrolled, and it holds no exchange keys.
package superior
