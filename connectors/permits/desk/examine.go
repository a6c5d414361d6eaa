package desk

import (
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// completed is the application as it stands: the newest version, with the answers that came to complete
// it. What was submitted stays as it is.
func (c caseDoc) completed() ehds.ApplicationBody {
	var answers []ehds.InfoAnswer
	for _, i := range c.Information {
		if i.Body.Version >= c.Application.Version { // answers to an older version were taken up, or given up, by this one
			answers = append(answers, i.Body.Sections...)
		}
	}
	return gate.Completed(c.Application, answers)
}

// examine says what the law asks of a case that is not decided yet, as the exchange told the sender, and
// what only the body has to look at.
func (d *Desk) examine(c caseDoc) []gate.Finding {
	if c.state() != Queued {
		return nil
	}
	o := d.gate
	o.Today, o.Datasets = d.host.Clock(), map[string]gate.Dataset{}
	for _, set := range c.Application.Datasets {
		if k := d.rules.know(&c, set); len(k.Categories) > 0 {
			o.Datasets[set.DatasetID] = gate.Dataset{Categories: k.Categories, Holder: k.Holder}
		}
	}
	return gate.Check(c.completed(), o)
}

// count puts the number of findings on a queue item: answers to ask for, and what else needs a look.
func (q *QueueItem) count(findings []gate.Finding) {
	for _, f := range findings {
		switch {
		case f.Completion:
			q.Missing++
		case f.Severity != gate.Info:
			q.ToAssess++
		}
	}
}
