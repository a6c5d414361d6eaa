package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// validate is step 3: a dry run over the French catalogue. What is malformed or incomplete is
// quarantined with its place; something must be left to publish.
func (r *run) validate(ctx context.Context) (string, error) {
	report, err := r.publish(ctx, r.fr, gateway.PublishRequest{DryRun: true})
	if err != nil {
		return "", err
	}
	for _, f := range report.Findings {
		if f.Severity != catalogue.Violation {
			continue
		}
		r.report.Quarantined = append(r.report.Quarantined, Quarantined{
			File: f.File, Line: f.Line, Col: f.Col, Code: f.Code, Subject: f.Subject, Property: f.Property, Message: f.Message,
		})
	}
	if len(report.Created) == 0 {
		return "", fmt.Errorf("nothing in the catalogue is publishable: %d quarantined", len(report.Quarantined))
	}
	return fmt.Sprintf("%d publishable, %d quarantined with %d violations",
		len(report.Created), len(report.Quarantined), len(r.report.Quarantined)), nil
}

// publish runs one pass through the operator's socket.
func (r *run) publish(ctx context.Context, n *nation, req gateway.PublishRequest) (gateway.PublishReport, error) {
	reports, err := n.operator.Publish(ctx, req)
	if err != nil {
		return gateway.PublishReport{}, err
	}
	if len(reports) != 1 {
		return gateway.PublishReport{}, fmt.Errorf("%d reports for one source", len(reports))
	}
	if reports[0].Error != "" {
		return reports[0], errors.New(reports[0].Error)
	}
	return reports[0], nil
}

func (r *run) publishFR(ctx context.Context) (string, error) { return r.publishNation(ctx, r.fr) }
func (r *run) publishFI(ctx context.Context) (string, error) { return r.publishNation(ctx, r.fi) }

// publishNation is steps 4 and 5: everything publishable is sent, receipted and validated by the
// centre, which then shows it.
func (r *run) publishNation(ctx context.Context, n *nation) (string, error) {
	report, err := r.publish(ctx, n, gateway.PublishRequest{})
	if err != nil {
		return "", err
	}
	if len(report.Created) == 0 {
		return "", errors.New("nothing to publish")
	}
	if err := r.settled(ctx, n, len(report.Created)); err != nil {
		return "", err
	}
	shown, err := r.centre.catalogue(ctx)
	if err != nil {
		return "", err
	}
	count := 0
	for _, p := range shown {
		if p.Nation != n.country {
			continue
		}
		count++
		r.report.Published = append(r.report.Published, p)
		r.choose(p)
	}
	if count != len(report.Created) {
		return "", fmt.Errorf("the centre shows %d datasets of %s, %d were sent", count, n.country, len(report.Created))
	}
	return fmt.Sprintf("%d datasets, every receipt with its proof in the centre's log", count), nil
}

// choose takes note of the datasets that will be applied for: two of France where it has two, one of
// Finland.
func (r *run) choose(p Published) {
	for _, to := range []struct {
		nation  string
		dataset *Published
	}{{"FR", &r.chosen}, {"FR", &r.refused}, {"FI", &r.chosenFI}} {
		if p.Nation == to.nation && to.dataset.CentralID == "" {
			*to.dataset = p
			return
		}
	}
}

// settled waits until the centre has validated n datasets and nothing is on its way.
func (r *run) settled(ctx context.Context, n *nation, want int) error {
	return eventually(ctx, "waiting for the centre's responses", func(ctx context.Context) error {
		pubs, err := n.publications(ctx)
		if err != nil {
			return err
		}
		validated := 0
		for _, p := range pubs {
			switch p.State {
			case catalogue.Validated:
				validated++
			case catalogue.Rejected:
				return fmt.Errorf("the centre did not validate %s: %v", p.Identifier, p.Findings)
			}
		}
		if validated != want {
			return notYet("%d of %d validated", validated, want)
		}
		return nil
	})
}

// publications are the dataset cases of a nation's record.
func (n *nation) publications(ctx context.Context) ([]catalogue.Publication, error) {
	rows, err := n.operator.Cases(ctx, "ds:"+n.country+":", 1000)
	if err != nil {
		return nil, err
	}
	out := make([]catalogue.Publication, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Doc, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// secondPass is step 6: with nothing changed nothing is sent; one changed description is one update.
// After that the centre shows exactly what France holds.
func (r *run) secondPass(ctx context.Context) (string, error) {
	again, err := r.publish(ctx, r.fr, gateway.PublishRequest{})
	if err != nil {
		return "", err
	}
	if len(again.Created)+len(again.Updated)+len(again.Deleted) != 0 {
		return "", fmt.Errorf("a second pass would send %d, %d, %d", len(again.Created), len(again.Updated), len(again.Deleted))
	}
	if err := r.touch(ctx); err != nil {
		return "", err
	}
	changed, err := r.publish(ctx, r.fr, gateway.PublishRequest{})
	if err != nil {
		return "", err
	}
	if len(changed.Created) != 0 || len(changed.Updated) != 1 || len(changed.Deleted) != 0 {
		return "", fmt.Errorf("one change led to %d, %d, %d messages", len(changed.Created), len(changed.Updated), len(changed.Deleted))
	}
	if err := r.settled(ctx, r.fr, again.Unchanged); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d unchanged; then 1 update", again.Unchanged), r.reconcile(ctx)
}

// reconcile proves that the centre shows exactly what France holds, and keeps the proof.
func (r *run) reconcile(ctx context.Context) error {
	proof, err := r.fr.operator.Reconcile(ctx, gateway.ReconcileRequest{Evidence: true})
	if err != nil {
		return err
	}
	if !proof.Report.Equal {
		return fmt.Errorf("the centre shows another catalogue: %+v", proof.Report.Differences)
	}
	raw, err := json.Marshal(proof)
	if err != nil {
		return err
	}
	return r.keep(fileProof, raw)
}

// touch adds a version to the description of the chosen dataset, in the file it came from. The line
// is good Turtle and good N-Triples.
func (r *run) touch(ctx context.Context) error {
	pubs, err := r.fr.publications(ctx)
	if err != nil {
		return err
	}
	for _, p := range pubs {
		if p.Identifier != r.chosen.Identifier {
			continue
		}
		name := filepath.Join(r.fr.catalogue(), filepath.FromSlash(strings.TrimPrefix(p.File, "national/")))
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(f, "\n<%s> <http://www.w3.org/2004/02/skos/core#changeNote> \"revised for the demonstration\"@en .\n", p.IRI)
		return errors.Join(err, f.Close())
	}
	return fmt.Errorf("the record has no publication of %s", r.chosen.Identifier)
}
