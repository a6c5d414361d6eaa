package connectors

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Check refuses, as Invalid, a submission that is none: what every permit driver wants of one before it asks
// its system anything.
func (s Submission) Check() error {
	bad := func(code, detail string) error { return fault.New(fault.Invalid, code, detail) }
	id, err := ehds.ParseCaseID(s.Case)
	_, timeErr := time.Parse(time.RFC3339, s.ReceivedAt)
	a := s.Application
	switch {
	case err != nil:
		return bad("case-malformed", "the case identifier has no known form")
	case id.Kind != ehds.CaseApplication && id.Kind != ehds.CaseNational:
		return bad("case-malformed", "the case is not about an application")
	case s.Track.HDAB == "":
		return bad("track-missing", "a submission names the body that decides it")
	case a.ApplicationID == "" || (id.Kind == ehds.CaseApplication && id.ID != a.ApplicationID):
		return bad("application-id-mismatch", "the application and the case have different identifiers")
	case a.Kind != ehds.DataAccessApplication && a.Kind != ehds.DataRequestApplication:
		return bad("kind-unknown", "the kind of application is not known")
	case a.Version < 1:
		return bad("version-missing", "an application has a version from 1")
	case timeErr != nil:
		return bad("received-at-malformed", "the time of receipt is not RFC 3339")
	}
	return nil
}
