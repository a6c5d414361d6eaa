package exchange

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Foresee says whether the cases would take events of the permit system now, one after the other, and
// refuses as they would; see connectors.Host. What the system told before and nobody has read yet counts as
// told. Nothing is changed: what becomes of a case until the events are read is judged again then.
func (e *Events) Foresee(ctx context.Context, list []connectors.PermitEvent) error {
	waiting, err := e.waiting(ctx)
	if err != nil {
		return err
	}
	cases := map[string]ApplicationDoc{}
	for _, ev := range list {
		if _, read := cases[ev.Case]; read {
			continue
		}
		c, ok, err := e.Record.Case(ctx, ev.Case)
		if err != nil {
			return err
		}
		doc, derr := readApplication(c.Doc)
		if !ok || c.Erased || c.Doc == nil || derr != nil {
			return errUnknownCase()
		}
		cases[ev.Case] = doc
	}
	now := e.Clock().UTC()
	for _, ev := range waiting {
		if doc, concerned := cases[ev.Case]; concerned {
			if next, err := e.told(doc, ev, now); err == nil {
				cases[ev.Case] = next
			} // what is refused changes nothing, and its system learns of it when it is read
		}
	}
	for _, ev := range list {
		next, err := e.told(cases[ev.Case], ev, now)
		if err != nil {
			return err
		}
		cases[ev.Case] = next
	}
	return nil
}

// told is a case after an event.
func (e *Events) told(doc ApplicationDoc, ev connectors.PermitEvent, now time.Time) (ApplicationDoc, error) {
	change, err := e.judged(doc, ev, now, nil)
	if err != nil || change.Doc == nil {
		return doc, err
	}
	return readApplication(change.Doc)
}

// judged is what an event of this system does to its case, or why it does nothing.
func (e *Events) judged(doc ApplicationDoc, ev connectors.PermitEvent, now time.Time, made papers) (store.Change, error) {
	ev = doc.named(ev)
	event, err := domainEvent(ev)
	if err == nil && e.Applications.Systems.Of(ev.Track.HDAB) != e.Instance {
		err = errUnknownCase()
	}
	if err != nil {
		return store.Change{}, err
	}
	return e.effect(doc, ev, event, now, made)
}

// waiting are the events nobody has read yet.
func (e *Events) waiting(ctx context.Context) ([]connectors.PermitEvent, error) {
	raw, _, err := e.Record.MailGet(ctx, cursorNamespace(e.Instance), cursorKey)
	if err != nil {
		return nil, err
	}
	var out []connectors.PermitEvent
	for cursor := string(raw); ; {
		page, err := e.Permits.Events(ctx, cursor)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Events...)
		if len(page.Events) == 0 || page.Cursor == cursor {
			return out, nil
		}
		cursor = page.Cursor
	}
}
