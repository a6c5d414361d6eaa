// Package biennial counts the figures of the activity report that health data access bodies publish every two
// years (Regulation (EU) 2025/327 Art. 59(1)).
//
// It is for the assembly, which feeds it the case documents one at a time. Guarantees: it is pure; every figure
// names its letter of the article, its unit and how it was counted; what the record cannot know is no number
// and says why, so that a zero always means that there was none; periods that follow each other add up, and
// figures in tracks are those of the bodies added up.
//
// It does not write the report: letters (c) to (f) and much of (b), (g) and (i) to (k) are known to people only.
package biennial
