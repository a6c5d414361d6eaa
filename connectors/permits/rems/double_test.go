package rems_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// double is REMS as its documentation and sources describe it, as far as the driver asks: users,
// applications with events, drafts and attachments, the catalogue, entitlements, visas. It is a model.
type double struct {
	mu      sync.Mutex
	users   map[string]bool
	apps    []*filing
	files   map[int]string // content by attachment
	events  int64
	last    int             // number of applications ever made
	refused map[string]bool // values of the field "case" that its form does not accept
	visas   map[string][]string
	missing map[string]bool // resources that are never entitled to
	calls   map[string]int
}

// filing is an application.
type filing struct {
	id        int
	applicant string
	state     string
	items     []int
	events    []map[string]any
	draft     map[string]string
	submitted map[string]string
	licences  []int
}

const (
	remsKey = "rems-key-hush"
	owner   = "ehdsgw-owner"
	handler = "ehdsgw-handler"
)

func newDouble() *double {
	return &double{users: map[string]bool{owner: true, handler: true}, files: map[int]string{}, refused: map[string]bool{},
		visas: map[string][]string{}, missing: map[string]bool{}, calls: map[string]int{}}
}

func say(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}

func failure(kinds ...string) map[string]any {
	var list []map[string]any
	for _, k := range kinds {
		list = append(list, map[string]any{"type": k})
	}
	return map[string]any{"success": false, "errors": list}
}

var fine = map[string]any{"success": true}

// ServeHTTP routes as REMS does. Who asks must be a user and have the key.
func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	user := r.Header.Get("x-rems-user-id")
	if r.Header.Get("x-rems-api-key") != remsKey || !d.users[user] {
		say(w, http.StatusUnauthorized, map[string]any{"error": "unauthorized"})
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/")
	d.calls[path]++
	switch name, isApp := strings.CutPrefix(path, "applications/"); {
	case path == "users/create":
		d.create(w, r, user)
	case path == "my-applications":
		say(w, 200, d.overview(func(f *filing) bool { return f.applicant == user }))
	case path == "applications" && r.Method == http.MethodGet:
		say(w, 200, d.overview(func(f *filing) bool { return f.sees(user) }))
	case path == "catalogue":
		say(w, 200, []map[string]any{{"id": 7, "resid": "ds-1", "enabled": true}, {"id": 8, "resid": "ds-old", "enabled": false}})
	case path == "entitlements":
		say(w, 200, d.entitlements(r.URL.Query().Get("user")))
	case strings.HasPrefix(path, "permissions/"):
		say(w, 200, map[string]any{"ga4gh_passport_v1": append([]string{}, d.visas[strings.TrimPrefix(path, "permissions/")]...)})
	case path == "forms/5" && user == owner:
		var fields []map[string]any
		for _, id := range []string{"case", "catalogue", "body", "version", "title", "leader", "purposes", "criteria", "files"} {
			fields = append(fields, map[string]any{"field/id": id, "field/type": "text"})
		}
		say(w, 200, map[string]any{"form/id": 5, "form/fields": fields})
	case name == "create":
		d.apply(w, r, user)
	case name == "add-attachment":
		d.attach(w, r, user)
	case isApp && r.Method == http.MethodGet:
		id, _ := strconv.Atoi(name)
		if f := d.find(id); f != nil && f.sees(user) {
			say(w, 200, f.view(true))
			return
		}
		say(w, http.StatusNotFound, map[string]any{"error": "not found"})
	case isApp && r.Method == http.MethodPost:
		d.command(w, r, user, name)
	default:
		say(w, http.StatusNotFound, map[string]any{"error": "not found"})
	}
}

func (d *double) create(w http.ResponseWriter, r *http.Request, user string) {
	var u struct {
		ID string `json:"userid"`
	}
	if user != owner || json.NewDecoder(r.Body).Decode(&u) != nil || u.ID == "" {
		say(w, http.StatusForbidden, map[string]any{"error": "forbidden"})
		return
	}
	d.users[u.ID] = true // a user that is there is changed
	say(w, 200, fine)
}

func (d *double) apply(w http.ResponseWriter, r *http.Request, user string) {
	var c struct {
		Items []int `json:"catalogue-item-ids"`
	}
	if json.NewDecoder(r.Body).Decode(&c) != nil || len(c.Items) == 0 {
		say(w, http.StatusBadRequest, map[string]any{"errors": "bad"})
		return
	}
	d.last++
	f := &filing{id: d.last + 30, applicant: user, state: "draft", items: c.Items, draft: map[string]string{}}
	d.apps = append(d.apps, f)
	d.happen(f, "created", user, "")
	say(w, 200, map[string]any{"success": true, "application-id": f.id})
}

func (d *double) attach(w http.ResponseWriter, r *http.Request, user string) {
	id, _ := strconv.Atoi(r.URL.Query().Get("application-id"))
	f := d.find(id)
	if f == nil || f.applicant != user || !f.editable() {
		say(w, http.StatusForbidden, map[string]any{"error": "forbidden"})
		return
	}
	file, head, err := r.FormFile("file")
	if err != nil {
		say(w, http.StatusBadRequest, map[string]any{"errors": "bad"})
		return
	}
	content, err := io.ReadAll(file)
	if err != nil || strings.HasSuffix(head.Filename, ".exe") {
		say(w, http.StatusUnsupportedMediaType, map[string]any{"error": "unsupported"})
		return
	}
	n := len(d.files) + 100
	d.files[n] = head.Filename + "\n" + string(content)
	say(w, 200, map[string]any{"success": true, "id": n})
}

// order is what commands carry.
type order struct {
	App     int    `json:"application-id"`
	Comment string `json:"comment"`
	Public  *bool  `json:"public"`
	Values  []struct {
		Form  int    `json:"form"`
		Field string `json:"field"`
		Value string `json:"value"`
	} `json:"field-values"`
	Licences []int `json:"accepted-licenses"`
}

func (d *double) command(w http.ResponseWriter, r *http.Request, user, name string) {
	var o order
	if json.NewDecoder(r.Body).Decode(&o) != nil {
		say(w, http.StatusBadRequest, map[string]any{"errors": "bad"})
		return
	}
	f := d.find(o.App)
	if f == nil {
		say(w, 200, failure("application-not-found"))
		return
	}
	mine, handles := f.applicant == user, user == handler && f.state != "draft"
	switch {
	case name == "save-draft" && mine && f.editable():
		f.draft = map[string]string{}
		for _, v := range o.Values {
			f.draft[v.Field] = v.Value
		}
		d.happen(f, "draft-saved", user, "")
	case name == "accept-licenses" && mine:
		f.licences = o.Licences
		d.happen(f, "licenses-accepted", user, "")
	case name == "submit" && mine && f.editable():
		if d.refused[f.draft["case"]] || f.draft["title"] == "too long" {
			say(w, 200, failure("t.form.validation/required"))
			return
		}
		f.submitted, f.state = f.draft, "submitted"
		d.happen(f, "submitted", user, "")
	case name == "delete" && mine && f.state == "draft":
		d.apps = slices.DeleteFunc(d.apps, func(x *filing) bool { return x == f })
	case name == "return" && handles && f.state == "submitted":
		f.state = "returned"
		d.happen(f, "returned", user, o.Comment)
	case name == "remark" && handles && o.Public != nil:
		d.happen(f, "remarked", user, o.Comment)
	case name == "close" && handles && f.state != "closed":
		f.state = "closed"
		d.happen(f, "closed", user, o.Comment)
	default:
		say(w, 200, failure("forbidden"))
		return
	}
	say(w, 200, fine)
}

func (f *filing) editable() bool { return f.state == "draft" || f.state == "returned" }

func (f *filing) sees(user string) bool {
	return f.applicant == user || user == handler && f.state != "draft"
}

func (d *double) find(id int) *filing {
	i := slices.IndexFunc(d.apps, func(f *filing) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return d.apps[i]
}

// happen writes an event down. Time stands still, a millisecond apart.
func (d *double) happen(f *filing, kind, actor, comment string) map[string]any {
	d.events++
	e := map[string]any{"event/id": d.events, "event/type": "application.event/" + kind, "event/actor": actor, "application/id": f.id,
		"event/time": connectortest.Now().Add(time.Duration(d.events) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")}
	if comment != "" {
		e["application/comment"] = comment
	}
	f.events = append(f.events, e)
	return e
}

func (f *filing) view(whole bool) map[string]any {
	v := map[string]any{"application/id": f.id, "application/state": "application.state/" + f.state,
		"application/last-activity": f.events[len(f.events)-1]["event/time"], "application/applicant": map[string]any{"userid": f.applicant}}
	if whole {
		v["application/events"] = f.events
	}
	return v
}

func (d *double) overview(want func(*filing) bool) []map[string]any {
	out := []map[string]any{}
	for _, f := range d.apps {
		if want(f) {
			out = append(out, f.view(false))
		}
	}
	return out
}

func (d *double) entitlements(user string) []map[string]any {
	out := []map[string]any{}
	for _, f := range d.apps {
		if f.applicant == user && f.state == "approved" && !d.missing["ds-1"] {
			out = append(out, map[string]any{"resource": "ds-1", "application-id": f.id, "start": "2026-11-03T09:30:00.000Z", "end": nil})
		}
	}
	return out
}

// staff is what a member of staff does in REMS, in the application of a case.
func (d *double) staff(caseID, kind, comment string, more map[string]any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	states := map[string]string{"approved": "approved", "rejected": "rejected", "returned": "returned", "closed": "closed", "revoked": "revoked"}
	for _, f := range d.apps {
		if f.submitted["case"] != caseID {
			continue
		}
		if s := states[kind]; s != "" {
			f.state = s
		}
		e := d.happen(f, kind, "staff-7", comment)
		for k, v := range more {
			e[k] = v
		}
		return nil
	}
	return fmt.Errorf("no application of %s", caseID)
}
