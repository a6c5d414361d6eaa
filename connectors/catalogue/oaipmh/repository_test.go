package oaipmh

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// repository is an OAI-PMH data provider under /oai.
type repository struct {
	mu       sync.Mutex
	metadata map[string]string // RDF/XML by local identifier; empty for a deleted record
	at       map[string]time.Time
	page     int
	days     bool // granularity of days
	bearer   string
	down     bool
	tamper   func(string) string // changes every answer
}

func newRepository() *repository {
	return &repository{metadata: map[string]string{}, at: map[string]time.Time{}, page: 3}
}

func (r *repository) put(id, metadata string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.metadata[id], r.at[id] = metadata, at
}

// rdfXML describes a dataset. Two of the namespaces are those of the response.
func rdfXML(iri string, d connectortest.Described) string {
	return fmt.Sprintf(`<rdf:RDF xmlns:dcat="http://www.w3.org/ns/dcat#">
<dcat:Dataset rdf:about=%q><dct:identifier>%s</dct:identifier><dct:title xml:lang="en">%s</dct:title></dcat:Dataset></rdf:RDF>`, iri, d.Identifier, d.Title)
}

func described(id string) string {
	return rdfXML("https://holder.example/"+id, connectortest.Described{Identifier: id, Title: "Set " + id})
}

func (r *repository) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down || r.bearer != "" && q.Header.Get("Authorization") != "Bearer "+r.bearer {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if q.URL.Path != "/oai" {
		http.NotFound(w, q)
		return
	}
	v := q.URL.Query()
	body := ""
	switch v.Get("verb") {
	case "Identify":
		granularity := "YYYY-MM-DDThh:mm:ssZ"
		if r.days {
			granularity = "YYYY-MM-DD"
		}
		body = "<Identify><repositoryName>Test</repositoryName>\n<granularity>" + granularity + "</granularity></Identify>"
	case "ListRecords":
		body = r.list(v.Get("metadataPrefix"), v.Get("from"), v.Get("resumptionToken"), len(v))
	default:
		body = `<error code="badVerb">Illegal verb</error>`
	}
	out := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<responseDate>2026-11-28T10:00:00Z</responseDate>
<request verb=%q>https://repository.example/oai</request>
%s
</OAI-PMH>
`, v.Get("verb"), body)
	if r.tamper != nil {
		out = r.tamper(out)
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	_, _ = fmt.Fprint(w, out) // the client went away
}

// list is part of the list of records. The token is the number of records before and the from argument.
func (r *repository) list(prefix, from, token string, arguments int) string {
	start := 0
	switch {
	case token != "" && arguments == 2:
		head, tail, _ := strings.Cut(token, "|")
		n, err := strconv.Atoi(head)
		if err != nil {
			return `<error code="badResumptionToken"/>`
		}
		start, from = n, tail
	case token != "" || prefix == "":
		return `<error code="badArgument"/>`
	case prefix != "dcat_ap":
		return `<error code="cannotDisseminateFormat"/>`
	}
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(r.metadata)) {
		if at := r.at[id].UTC(); from == "" || at.Format(time.RFC3339) >= from {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return `<error code="noRecordsMatch"/>`
	}
	out := "<ListRecords>\n"
	end := min(start+r.page, len(ids))
	for _, id := range ids[min(start, len(ids)):end] {
		status, metadata := "", "<metadata>"+r.metadata[id]+"</metadata><about><x xmlns='urn:x'/></about>"
		if r.metadata[id] == "" {
			status, metadata = ` status="deleted"`, ""
		}
		out += fmt.Sprintf("<record><header%s><identifier>oai:repository.example:%s</identifier><datestamp>%s</datestamp></header>\n%s</record>\n",
			status, id, r.at[id].UTC().Format(time.RFC3339), metadata)
	}
	next := ""
	if end < len(ids) {
		next = fmt.Sprintf("%d|%s", end, from)
	}
	if start > 0 || next != "" {
		out += fmt.Sprintf("<resumptionToken completeListSize=\"%d\" cursor=\"%d\">%s</resumptionToken>\n", len(ids), start, next)
	}
	return out + "</ListRecords>"
}

// driver harvests a repository.
func driver(t testing.TB, w *connectortest.Wire, change ...func(*Options)) *Driver {
	t.Helper()
	o := Options{Location: w.URL() + "/oai?metadataPrefix=dcat_ap", HTTP: w.Client(), Timeout: 20 * time.Second}
	for _, f := range change {
		f(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pass lists everything, each item as its local identifier with the number of its triples or its error.
func pass(t testing.TB, d *Driver, since time.Time) (told []string, err error) {
	t.Helper()
	for cursor := ""; ; {
		page, err := d.List(t.Context(), since, cursor)
		if err != nil {
			return told, err
		}
		for _, i := range page.Items {
			what := strings.TrimPrefix(i.File, "oai:repository.example:")
			if g, err := i.Open(t.Context()); err != nil {
				what += ": " + err.Error()
			} else {
				what += fmt.Sprintf(": %d", g.Len())
			}
			told = append(told, what)
		}
		if cursor = page.Next; cursor == "" {
			return told, nil
		}
	}
}
