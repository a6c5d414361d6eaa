// Package desk is the built-in permit system: a queue of applications, rules that may decide the
// plain ones, and a desk where staff decide the rest.
//
// It is for a health data access body without an application management system of its own, and for
// trials. It implements connectors.Permits. Guarantees: all state is in the host's Mailbox, personal
// values sealed with the key of their case; every call may be repeated; events keep their ids and
// their order; a grant is made only when every point of Art. 68(10) can be filled from the form and
// the rules, otherwise the case waits for a person with a note that says what is missing. It signs
// nothing, keeps no attachments, and does not ask applicants for information or decide appeals.
package desk
