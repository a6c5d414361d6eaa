package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// forward is step 15: an application filed with the French contact point that asks for Finnish data too goes
// to the centre, which makes it an application of its own and passes it on to both (Art. 67(3), ext-1). Filed
// once more, it is refused.
func (r *run) forward(ctx context.Context) (string, error) {
	f, err := application(r.o.Clock(), r.chosen, r.chosenFI)
	if err != nil {
		return "", err
	}
	body := ehds.ApplicationBody{
		ApplicationID: "fr-2026-0001", Kind: f.Kind, Title: f.Title, Language: f.Language, User: "applicant-fr-0001", Datasets: f.Datasets, Form: f.Form,
	}
	plan := filepath.Join(r.dir, protocolName)
	if err := os.WriteFile(plan, []byte(protocolText), 0o600); err != nil {
		return "", err
	}
	row, err := r.fr.operator.File(ctx, gateway.FilingRequest{Application: body}, []string{plan})
	if err != nil {
		return "", err
	}
	err = eventually(ctx, "the application is passed on", func(ctx context.Context) error {
		if row, err = r.fr.operator.Filing(ctx, row.Case); err != nil {
			return err
		}
		if row.Open {
			return notYet("the centre has not answered")
		}
		if row.Filing.Result != ehds.Validated || row.ApplicationID == "" {
			return fmt.Errorf("the centre did not take it: %+v", row.Filing.Findings)
		}
		for _, n := range []*nation{r.fr, r.fi} {
			doc, err := n.applicationDoc(ctx, ehds.ApplicationCase(row.ApplicationID).String())
			if err != nil {
				return err
			}
			if len(doc.Application.Tracks) != 1 {
				return fmt.Errorf("%s opened %d tracks", n.country, len(doc.Application.Tracks))
			}
			if err := n.attachmentStored(ctx, ehds.ApplicationCase(row.ApplicationID).String()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var again *operator.Problem
	if _, err := r.fr.operator.File(ctx, gateway.FilingRequest{Application: body}, nil); !errors.As(err, &again) || again.Code != "already-filed" {
		return "", fmt.Errorf("filed twice, it was answered: %w", err)
	}
	return fmt.Sprintf("%s is the centre's %s, with its attachment and a track in each nation", row.Case, row.ApplicationID), nil
}
