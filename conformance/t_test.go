package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// What a case ends as follows from what it found, and what it must not show is in no part of its result.
func TestConclude(t *testing.T) {
	t.Parallel()
	const secret = "canary-0123456789"
	negative := Case{ID: "EHG-A-001", Level: Must, Polarity: Negative}
	positive := Case{ID: "EHG-A-002", Level: Must, Polarity: Positive}
	should := Case{ID: "EHG-A-003", Level: Should, Polarity: Positive}
	measures := Case{ID: "EHG-A-004", Level: May, Polarity: Positive, Report: true}
	for name, c := range map[string]struct {
		of   Case
		does func(*T)
		want Outcome
	}{
		"it holds":                  {positive, func(t *T) { t.Check("x", "w", true, 1, 1) }, Pass},
		"it does not":               {positive, func(t *T) { t.Check("x", "w", false, 1, secret) }, Fail},
		"a SHOULD does not":         {should, func(t *T) { t.Check("x", "w", false, 1, 2) }, Warn},
		"nothing asserted":          {positive, func(*T) {}, Err},
		"refused beside a control":  {negative, func(t *T) { t.Control("c", true, nil); t.Check("x", "w", true, 1, 1) }, Pass},
		"refused without a control": {negative, func(t *T) { t.Check("x", "w", true, 1, 1) }, Err},
		"a control does not hold":   {negative, func(t *T) { t.Check("x", "w", true, 1, 1); t.Control("c", false, secret) }, Err},
		"trouble":                   {positive, func(t *T) { t.Check("x", "w", true, 1, 1); t.Trouble(errors.New(secret)) }, Err},
		"failed, and trouble after": {positive, func(t *T) { t.Check("x", "w", false, 1, 2); t.Trouble(errors.New("y")) }, Fail},
		"skipped":                   {positive, func(t *T) { t.Skip("not here") }, Skip},
		"the target's own trouble":  {positive, func(t *T) { t.Check("x", "w", true, 1, 1); t.record(Exchange{Direction: "to-target", Status: 500}) }, Fail},
		"one that the clause allows": {positive, func(t *T) {
			t.Allow(503)
			t.Check("x", "w", true, 1, 1)
			t.record(Exchange{Direction: "to-target", Status: 503})
		}, Pass},
		"it stops at what it requires":       {positive, func(t *T) { t.Require("x", "w", false, 1, 2); t.Skip("never reached") }, Fail},
		"the case breaks":                    {positive, func(*T) { panic("broken") }, Err},
		"measured":                           {measures, func(t *T) { t.Measure("n", 1, "s") }, Pass},
		"nothing measured":                   {measures, func(*T) {}, Err},
		"a secret in a note of a passed one": {positive, func(t *T) { t.Check("x", "w", true, 1, 1); t.record(Exchange{Note: secret}) }, Pass},
		"secrets all over a transcript": {positive, func(t *T) {
			t.Check("x", "w", true, 1, 1)
			t.record(Exchange{What: "app." + secret, Code: secret, Claims: map[string]any{"case": secret, "track": map[string]any{"hdab": secret}, "list": []any{secret, map[string]any{"id": secret}}}})
		}, Pass},
	} {
		run := c.does
		c.of.Run = func(_ context.Context, x *T) { run(x) }
		x := &T{c: c.of, patience: 1}
		x.Secret(secret)
		x.run(t.Context())
		var res Result
		x.conclude(&res)
		if res.Outcome != c.want {
			t.Errorf("%s: %s (%s), want %s", name, res.Outcome, res.Reason, c.want)
		}
		if n, err := (Report{Results: []Result{res}}).Leaks([]string{secret}); err != nil || n != 0 {
			t.Errorf("%s: its result shows the secret: %v %v", name, n, err)
		}
		if strings.Contains(res.Reason, "never reached") {
			t.Errorf("%s went on", name)
		}
	}
}
