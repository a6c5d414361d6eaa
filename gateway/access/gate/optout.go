package gate

import "time"

// OptOutCutoff is the instant that opt-outs are held against for a version of a permit (Art. 71): who
// opted out by then is left out of the data, who does so later is not affected. An amended or renewed
// version keeps the first version's issue unless ofVersion says otherwise (assumption).
func OptOutCutoff(first, version time.Time, ofVersion bool) time.Time {
	if ofVersion || first.IsZero() {
		return version
	}
	return first
}
