package exchange

import (
	"testing"
	"time"
)

// A gateway that was away waits until those who bring mail had time to come back; a short restart does
// not count.
func TestPresence(t *testing.T) {
	_, ncp, _ := pair(t)
	fresh := func() *Presence {
		return &Presence{Record: ncp.record, CatchUp: time.Hour, Clock: ncp.w.clock.Now, After: time.After, Logger: ncp.w.log}
	}
	p := fresh()
	drained := func() bool {
		ok, err := p.Drained(t.Context(), "app:A1")
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	beat := func(after time.Duration) {
		t.Helper()
		ncp.w.clock.Advance(after)
		if err := p.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if drained() {
		t.Error("drained before the first beat")
	}
	beat(0)
	start := ncp.w.clock.Now()
	for range 60 {
		if drained() {
			t.Fatal("drained within the hour after the first start")
		}
		beat(time.Minute)
	}
	if !drained() {
		t.Error("not drained after an hour")
	}
	p = fresh()
	if beat(2 * time.Minute); !drained() {
		t.Error("a short restart counts as away")
	}
	seen := ncp.w.clock.Now()
	p = fresh()
	if beat(90 * 24 * time.Hour); drained() {
		t.Error("drained at once after months away")
	}
	got, ok, err := ReadPresence(t.Context(), ncp.record)
	if err != nil || !ok || !got.Away.Equal(seen) || !got.Since.Equal(ncp.w.clock.Now()) || got.Since.Equal(start) {
		t.Errorf("%+v %v", got, err)
	}
	for range 30 {
		beat(time.Minute)
	}
	p = fresh()
	for beat(2 * time.Minute); ncp.w.clock.Now().Before(got.Since.Add(time.Hour)); beat(time.Minute) {
	}
	if drained() {
		t.Error("a restart in the midst of the hour does not begin it anew")
	}
	for range 30 {
		beat(time.Minute)
	}
	if wait := p.pause(); wait != time.Minute {
		t.Errorf("the next beat is in %v", wait)
	}
	beat(p.pause() + 30*time.Second)
	if wait := p.pause(); wait != 30*time.Second { // so that the record knows the end of the hour
		t.Errorf("the last beat of the hour is in %v", wait)
	}
	beat(p.pause())
	if !drained() {
		t.Error("not drained an hour after the restart")
	}
	if ncp.w.clock.Advance(40 * 24 * time.Hour); drained() {
		t.Error("drained after the machine was suspended, before anybody noticed")
	}
	if beat(0); drained() {
		t.Error("drained at once after the machine was suspended")
	}
}
