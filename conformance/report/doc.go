// Package report turns the one report of a conformance run (conformance.Report, JSON) into forms that people
// and programs read: a page, Markdown, JUnit, EARL, a badge, and a signed test-result attestation; and it
// compares two reports.
//
// It serves `ehdsgw conformance`. Every form is a function of the report alone: nothing is judged here, and
// nothing is in a form that is not in the report. Every form says that the verdict is self-declared.
package report
