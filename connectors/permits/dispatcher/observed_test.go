package dispatcher_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// sharedFile reads a sample beside the project: $EHDSGW_SHARED, or ../shared/data seen from its root.
func sharedFile(t testing.TB, name string) []byte {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(root, "dispatcher", name))
	if err != nil {
		t.Skipf("the samples are not here (set EHDSGW_SHARED): %v", err)
	}
	return b
}

// observed is the application of the sample as the centre would have sent it.
func observed(t testing.TB) ehds.ApplicationBody {
	t.Helper()
	a, err := gate.ReadMetadata(sharedFile(t, "application_metadata.json"))
	if err != nil {
		t.Fatal(err)
	}
	a.Version, a.Language, a.User = 2, "fi", "user-7"
	d := &a.Datasets[0]
	d.CatalogLanguages, d.Provenance = []string{"fr", "en"}, json.RawMessage(`"somewhere"`)
	d.Distributions = []json.RawMessage{json.RawMessage(`{"distribution_id":"11111111-2222-4333-8444-555555555555","title":null,"date_added":"2026-01-01"}`)}
	return a
}

// file the applications of the sample.
func fileObserved(t testing.TB, h *house) {
	t.Helper()
	first := observed(t)
	first.Version, first.DateSubmitted = 1, "2026-09-14T08:12:45.120394871Z"
	s := connectors.Submission{Ref: "m-1", Case: "app:" + first.ApplicationID, Track: ehds.Track{CatalogID: "cat", HDAB: bodyOne},
		ReceivedAt: "2026-09-14T09:00:00Z", Application: first}
	h.submit(s)
	second := s
	second.Ref, second.Application = "m-2", observed(t)
	second.Attachments = []connectors.SubmittedAttachment{h.attach("att-2", "plan.pdf", "%PDF-research\n"), h.attach("att-3", "plan.pdf", "%PDF-more")}
	h.submit(second)
	request := s
	request.Ref, request.Case = "m-3", "app:6a70b4d104db074a00fd9102"
	request.Application = ehds.ApplicationBody{ApplicationID: "6a70b4d104db074a00fd9102", Kind: ehds.DataRequestApplication, Version: 1,
		Title: "Counts of hip replacements by age band and region", DateSubmitted: "2026-09-16T12:00:00.000000001+02:00"}
	h.submit(request)
}

func same(t testing.TB, what string, got, want []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("%s (-sample +ours):\n%s", what, d)
	}
}

// unzip reads a ZIP; names come in its order.
func unzip(t testing.TB, b []byte) (names []string, files map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range z.File {
		if f.Method != zip.Deflate {
			t.Errorf("%s is stored: a reader from the beginning could not skip it", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return names, files
}

// TestTheSampleComesBack: what the observed client reads, member for member and no member more.
func TestTheSampleComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	fileObserved(t, h)
	same(t, "the list", h.must(200, "one", "GET", "/applications", nil), sharedFile(t, "applications.json"))
	names, outer := unzip(t, h.must(200, "one", "GET", "/applications/6a70b4d104db074a00fd9101", nil))
	if d := cmp.Diff([]string{"application_metadata.json", "att-2_plan.pdf", "application_file.zip"}, names); d != "" {
		t.Error(d)
	}
	same(t, "the metadata", outer["application_metadata.json"], sharedFile(t, "application_metadata.json"))
	names, nested := unzip(t, outer["application_file.zip"])
	if d := cmp.Diff([]string{"att-3_plan.pdf"}, names); d != "" {
		t.Error(d)
	}
	if string(outer["att-2_plan.pdf"]) != "%PDF-research\n" || string(nested["att-3_plan.pdf"]) != "%PDF-more" {
		t.Error("the attachments are others")
	}
}

func TestMembersBeyondTheObserved(t *testing.T) {
	t.Parallel()
	o := twoSystems()
	o.Emit, o.Place = dispatcher.Emittable(), dispatcher.PlaceNested
	h := newHouse(t, o)
	fileObserved(t, h)
	names, outer := unzip(t, h.must(200, "one", "GET", "/applications/6a70b4d104db074a00fd9101", nil))
	if d := cmp.Diff([]string{"application_metadata.json", "application_file.zip"}, names); d != "" {
		t.Error(d)
	}
	if names, _ = unzip(t, outer["application_file.zip"]); !cmp.Equal(names, []string{"att-2_plan.pdf", "att-3_plan.pdf"}) {
		t.Errorf("nested: %v", names)
	}
	var m struct {
		User, Language string
		Datasets       []struct {
			Provenance    string
			Distributions []struct {
				Added string `json:"date_added"`
			}
		}
	}
	if err := json.Unmarshal(outer["application_metadata.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.User != "user-7" || m.Language != "fi" || m.Datasets[0].Provenance != "somewhere" || m.Datasets[0].Distributions[0].Added != "2026-01-01" {
		t.Errorf("%+v", m)
	}
}

// TestAnAnswerShowsInTheApplication: who reads only the ZIP sees what the applicant completed, and the
// status the track went back to.
func TestAnAnswerShowsInTheApplication(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	s.Attachments = []connectors.SubmittedAttachment{h.attach("att-2", "plan.pdf", "old")}
	h.submit(s)
	newer := h.attach("att-2", "plan.pdf", "newer")
	newer.Ref = "blob-newer"
	h.files["blob-newer"] = "newer"
	h.files["blob-att-2"] = "old"
	err := h.d.Info(t.Context(), connectors.Information{Ref: "i-1", Case: s.Case, Track: s.Track, Attachments: []connectors.SubmittedAttachment{newer},
		Body: ehds.InfoBody{ApplicationID: s.Application.ApplicationID, Version: 1, Sections: []ehds.InfoAnswer{
			{Number: 2, Fields: map[string]any{"projectLeader": "Prof. Other"}},
			{Number: 6, Country: "FR", Fields: map[string]any{"sizeOfTheStudyCohort": "12"}},
			{Number: 7, Fields: map[string]any{"more": true}}}}})
	if err != nil {
		t.Fatal(err)
	}
	_, outer := unzip(t, h.must(200, "one", "GET", "/applications/"+s.Application.ApplicationID, nil))
	var m struct {
		Form struct {
			Section2 struct{ ProjectLeader string }
			Section6 []map[string]string
			Section7 map[string]bool
		}
	}
	if err := json.Unmarshal(outer["application_metadata.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.Form.Section2.ProjectLeader != "Prof. Other" || m.Form.Section6[0]["sizeOfTheStudyCohort"] != "12" || !m.Form.Section7["more"] {
		t.Errorf("%+v", m.Form)
	}
	if string(outer["att-2_plan.pdf"]) != "newer" {
		t.Errorf("the attachment is %q", outer["att-2_plan.pdf"])
	}
	amended := submission(1)
	amended.Ref, amended.Application.Version = "ref-v2", 2
	last := h.attach("att-2", "plan.pdf", "last")
	last.Ref = "blob-last"
	h.files["blob-last"], h.files["blob-att-2"] = "last", "old"
	amended.Attachments = []connectors.SubmittedAttachment{last}
	h.submit(amended)
	_, outer = unzip(t, h.must(200, "one", "GET", "/applications/"+s.Application.ApplicationID, nil))
	if b := outer["application_metadata.json"]; bytes.Contains(b, []byte("Prof. Other")) || !bytes.Contains(b, []byte("Prof. Example")) || string(outer["att-2_plan.pdf"]) != "last" {
		t.Errorf("a version that came after the answer shows %s %q", b, outer["att-2_plan.pdf"])
	}
}

// TestNamesOfEntries: an applicant's file names lead nowhere and hide nothing.
func TestNamesOfEntries(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	s.Application.Form = map[string]json.RawMessage{"section5": json.RawMessage(`{"x":[{"id":"application","name":"metadata.json"},{"id":"../../etc","name":"passwd"}]}`)}
	for _, n := range [][2]string{{"application", "metadata.json"}, {"../../etc", "passwd"}, {"b", "..\\..\\boot.ini"}, {"c", "\x00\n"}, {"d", ""}, {"e", "C:evil.exe"}} {
		s.Attachments = append(s.Attachments, h.attach(n[0], n[1], n[0]))
	}
	h.submit(s)
	names, outer := unzip(t, h.must(200, "one", "GET", "/applications/"+s.Application.ApplicationID, nil))
	if d := cmp.Diff([]string{"application_metadata.json", "_.._etc_passwd", "application_file.zip"}, names); d != "" {
		t.Error(d)
	}
	names, _ = unzip(t, outer["application_file.zip"])
	if d := cmp.Diff([]string{"application_metadata.json", "b__.._boot.ini", "c___", "d_file", "e_C_evil.exe"}, names); d != "" {
		t.Error(d)
	}
}
