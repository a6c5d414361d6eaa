package central

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// filing is what an applicant files. The centre adds id, version and date, and takes the nation of
// each dataset from its own catalogue.
type filing struct {
	Kind             ehds.ApplicationKind       `json:"kind"`
	Title            string                     `json:"title"`
	Language         string                     `json:"language"`
	User             string                     `json:"user,omitempty"`
	ApplicantNation  string                     `json:"applicant_nation"`
	Datasets         []ehds.ApplicationDataset  `json:"datasets"` // dataset_id: central id, identifier or IRI
	Form             map[string]json.RawMessage `json:"form"`
	FormTranslations map[string]json.RawMessage `json:"form_translations,omitempty"`
}

// file handles POST /front-office/applications.
func (c *Central) file(w http.ResponseWriter, r *http.Request) {
	f, attachments, err := c.readFiling(w, r)
	if err != nil {
		frontProblem(w, c, err)
		return
	}
	id, err := c.submit(r.Context(), f, attachments)
	if err != nil {
		frontProblem(w, c, err)
		return
	}
	v, _ := c.viewOf(id)
	roles.WriteJSON(w, http.StatusCreated, v)
}

// readFiling reads the filing, and stores its attachments: part "application" is the JSON, every
// other part with a file name is an attachment.
func (c *Central) readFiling(w http.ResponseWriter, r *http.Request) (f filing, list []ehds.Attachment, err error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && media == "application/json" {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
		if err != nil {
			return f, nil, told(http.StatusRequestEntityTooLarge, "too-large", "the filing is too large")
		}
		return f, nil, decodeForm(raw, &f)
	}
	r.Body = http.MaxBytesReader(w, r.Body, roles.MaxAttachmentBytes+2*maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return f, nil, told(http.StatusUnsupportedMediaType, "unsupported-media-type", "JSON or multipart/form-data")
	}
	found := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, nil, told(http.StatusBadRequest, "malformed", "the parts cannot be read")
		}
		if part.FormName() == "application" && !found {
			found = true
			err = readForm(part, &f)
		} else {
			list, err = c.attach(part, list)
		}
		if err != nil {
			return f, nil, err
		}
	}
	if !found {
		return f, nil, told(http.StatusBadRequest, "malformed", "there is no part application")
	}
	return f, list, nil
}

func readForm(r io.Reader, f *filing) error {
	raw, err := io.ReadAll(io.LimitReader(r, maxForm+1))
	if err != nil || len(raw) > maxForm {
		return told(http.StatusRequestEntityTooLarge, "too-large", "the filing is too large")
	}
	return decodeForm(raw, f)
}

// attach stores one attachment.
func (c *Central) attach(part *multipart.Part, list []ehds.Attachment) ([]ehds.Attachment, error) {
	a := ehds.Attachment{
		ID: fmt.Sprintf("att-%d", len(list)+1), Name: path.Base(part.FileName()), MediaType: part.Header.Get("Content-Type"),
	}
	if a.MediaType == "" {
		a.MediaType = "application/octet-stream"
	}
	var err error
	if a.SHA256, a.Size, err = c.blobs.Put(part, roles.MaxAttachmentBytes); errors.Is(err, roles.ErrBlob) {
		return nil, told(http.StatusRequestEntityTooLarge, "too-large", "the attachments are too large")
	} else if err != nil {
		return nil, err
	}
	if list = append(list, a); roles.CheckAttachmentList(list) != "" {
		return nil, told(http.StatusUnprocessableEntity, "attachments", "an attachment has no usable name or type, or they are too many")
	}
	return list, nil
}

// submit sends application.submit to the contact point of every nation whose datasets are asked for.
func (c *Central) submit(ctx context.Context, f filing, attachments []ehds.Attachment) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := c.begin(ctx)
	raw := make([]byte, 12)
	if _, err := io.ReadFull(c.o.Rand, raw); err != nil {
		return "", err
	}
	a := &application{
		ID: hex.EncodeToString(raw), Nation: f.ApplicantNation, Attachments: attachments, Tracks: []track{},
		Body: ehds.ApplicationBody{
			Kind: f.Kind, Version: 1, Title: f.Title, Language: f.Language, DateSubmitted: stamp(ch.now),
			User: f.User, Form: f.Form, FormTranslations: f.FormTranslations,
		},
	}
	a.Body.ApplicationID = a.ID
	entities, nations, err := c.concerned(f.Datasets, a)
	if err != nil {
		return "", err
	}
	if err := checkApplication(a); err != nil {
		return "", err
	}
	ch.sendOut(a, entities, nations)
	a.Timeline = []step{{At: ch.now, Date: ch.now, What: string(ehds.ApplicationSubmit), Status: string(ehds.StateSubmitted)}}
	ch.applications[a.ID] = a
	return a.ID, ch.write()
}

// sendOut sends an application to the contact points of nations, in their order.
func (ch *change) sendOut(a *application, entities map[string]string, nations []string) {
	for _, n := range nations {
		jti := ch.queue(draft{
			to: entities[n], typ: ehds.ApplicationSubmit, caseID: ehds.ApplicationCase(a.ID).String(),
			body: a.Body, attachments: a.Attachments,
		})
		a.Sent = append(a.Sent, sending{n, entities[n], jti})
	}
}

// concerned completes the datasets from the catalogue and finds the contact points behind them, in
// the order the datasets name them.
func (c *Central) concerned(datasets []ehds.ApplicationDataset, a *application) (map[string]string, []string, error) {
	entities, nations := map[string]string{}, []string(nil)
	for _, d := range datasets {
		known := c.find(d.DatasetID, d.Country)
		if known == nil {
			return nil, nil, told(http.StatusUnprocessableEntity, "unknown-dataset", "a dataset is not in the catalogue, or its name is not enough to tell which")
		}
		d.DatasetID, d.Country = known.Identifier, known.Nation
		if len(d.Title) == 0 {
			d.Title = known.Title
		}
		a.Body.Datasets = append(a.Body.Datasets, d)
		if _, seen := entities[known.Nation]; !seen {
			entities[known.Nation] = known.Entity
			nations = append(nations, known.Nation)
		}
	}
	return entities, nations, nil
}

// checkApplication holds what will be sent against the schema and the rule on numbers, so that no
// contact point has to refuse it.
func checkApplication(a *application) error {
	if _, ok := ehds.CountryByCode(a.Nation); !ok {
		return told(http.StatusUnprocessableEntity, "applicant-nation", "applicant_nation is a country of the exchange")
	}
	raw, err := json.Marshal(a.Body)
	if err != nil {
		return told(http.StatusUnprocessableEntity, "malformed", "the form is not JSON")
	}
	return checkBody(ehds.ApplicationSubmit, raw)
}

func checkBody(t ehds.MessageType, raw []byte) error {
	schema, _ := ehds.Schema(t)
	if found := forge.CheckBody(schema, raw); len(found) > 0 {
		return told(http.StatusUnprocessableEntity, "schema", found[0].Rule+" at "+found[0].Pointer)
	}
	if _, err := forge.Canonical(raw); err != nil {
		return told(http.StatusUnprocessableEntity, "numbers", "numbers of the form are integers of 53 bits; write others as text")
	}
	return nil
}
