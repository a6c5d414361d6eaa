package central

import (
	"io"
	"mime"
	"net/http"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// showDocument gives the applicant a document that came with a message about the application: nothing
// else of the store.
func (c *Central) showDocument(w http.ResponseWriter, r *http.Request) {
	a, ok := c.documentOf(r.PathValue("id"), r.PathValue("sha256"))
	if !ok {
		roles.WriteProblem(w, roles.NewProblem(http.StatusNotFound, "not-found", "no such document"))
		return
	}
	f, err := c.blobs.Open(a.SHA256)
	if err != nil {
		frontProblem(w, c, err)
		return
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", a.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = io.Copy(w, f) // the reader is gone: nothing to mend
}

func (c *Central) documentOf(application, sha string) (ehds.Attachment, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.state.applications[application]
	if a == nil {
		return ehds.Attachment{}, false
	}
	for _, s := range a.Timeline {
		for _, d := range s.Documents {
			if d.SHA256 == sha {
				return d, true
			}
		}
	}
	return ehds.Attachment{}, false
}
