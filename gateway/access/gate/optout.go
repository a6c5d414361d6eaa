package gate

import "time"

// OptOutCutoff is the instant that opt-outs are held against for a version of a permit (Art. 71(2),
// (4)): who opted out before it is left out of the data, who did so later is not affected. An amended
// or renewed version keeps the first version's issue unless ofVersion says otherwise (assumption).
func OptOutCutoff(first, version time.Time, ofVersion bool) time.Time {
	if ofVersion || first.IsZero() {
		return version
	}
	return first
}

// OptOutBinds says whether an opt-out keeps a person's data out of what a permit gives access to. With
// the exception of Art. 71(4) applied, none does. An opt-out at the very instant of issue binds.
func OptOutBinds(optedOut, cutoff time.Time, exception bool) bool {
	return !exception && !optedOut.After(cutoff)
}
