package exchange

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxSafeInteger is the largest integer every JSON reader keeps (RFC 7493 §2.2).
const maxSafeInteger = 1<<53 - 1

// Limits are what this gateway accepts of one message (wire profile §3).
type Limits struct {
	MaxToken           int   // bytes
	MaxAttachments     int   // count
	MaxAttachmentBytes int64 // bytes, all together
	// MaxStagedBytes is what one sender's messages under way may hold of attachments, in bytes; 0 means
	// DefaultMaxStagedBytes. One message may always be under way.
	MaxStagedBytes int64
}

// DefaultMaxStagedBytes allows two of the largest messages of one sender at the same time.
const DefaultMaxStagedBytes = 512 << 20

// DefaultLimits are the wire profile's.
func DefaultLimits() Limits {
	return Limits{MaxToken: jose.DefaultMaxToken, MaxAttachments: 32, MaxAttachmentBytes: 256 << 20, MaxStagedBytes: DefaultMaxStagedBytes}
}

// validJTI says whether s is a UUIDv7 in its only canonical spelling (RFC 9562 §5.7).
func validJTI(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.Version() == 7 && u.String() == s
}

// readEnvelope decodes the claims of a verified message: closed member set, then each member's form.
// What it returns on error may be partly filled.
func readEnvelope(claims []byte) (ehds.Envelope, *fault.Error) {
	var e ehds.Envelope
	if err := jose.DecodeStrict(claims, &e); err != nil {
		return e, fault.Wrap(err, fault.Malformed, "envelope", "the claims have an unknown, mistyped or misspelt member")
	}
	return e, nil
}

// checkEnvelope checks everything that needs no state and no schema.
func checkEnvelope(e *ehds.Envelope, l Limits) (ehds.TypeRule, *fault.Error) {
	rule, known := ehds.Lookup(e.Type)
	if !known {
		return rule, invalid("unknown-type", "/type", "this message type is not part of the profile")
	}
	if e.Seq < 1 || e.Seq > maxSafeInteger {
		return rule, invalid("seq-range", "/seq", "seq is an integer from 1")
	}
	if !knownProfile(e.Profile) || rule.Extension && e.Profile != ehds.ProfileExt1 && (rule.Across == 0 || e.Profile != ehds.ProfilePeer1) ||
		e.Profile == ehds.ProfilePeer1 && rule.Across == 0 {
		return rule, invalid("unknown-profile", "/profile", "this message profile is not spoken here, or the type is not of it")
	}
	id, err := ehds.ParseCaseID(e.Case)
	if err != nil {
		return rule, invalid("case-form", "/case", "case is not a case identifier")
	}
	if want := rule.CaseOn(e.Profile); want != "" && id.Kind != want {
		return rule, invalid("case-kind", "/case", "this message type belongs to another kind of case")
	}
	if err := checkReference(e, rule); err != nil {
		return rule, err
	}
	if err := checkContent(e); err != nil {
		return rule, err
	}
	return rule, checkAttachmentList(e.Attachments, l)
}

func checkReference(e *ehds.Envelope, rule ehds.TypeRule) *fault.Error {
	if (rule.NeedsRef && e.Ref == "") || (e.Ref != "" && !validJTI(e.Ref)) {
		return invalid("ref-form", "/ref", "ref names the message answered, a UUIDv7")
	}
	if (e.Ref == "") != (e.RefSHA256 == "") || (e.RefSHA256 != "" && !hexSHA256(e.RefSHA256)) {
		return invalid("ref-form", "/ref_sha256", "ref_sha256 accompanies ref: 64 lower-case hex digits")
	}
	if rule.NeedsTrack && (e.Track == nil || e.Track.CatalogID == "" || e.Track.HDAB == "") {
		return invalid("track-missing", "/track", "this message type names its track")
	}
	return nil
}

func checkContent(e *ehds.Envelope) *fault.Error {
	if e.Profile == ehds.ProfilePeer1 {
		// Between hubs nothing travels in clear.
		if e.Sealed == "" || !hexSHA256(e.SealedCommit) || len(e.Body) > 0 {
			return invalid("sealed-missing", "/sealed", "this profile carries sealed and sealed_commit, and no body")
		}
		return nil
	}
	if e.Sealed != "" || e.SealedCommit != "" {
		// Through the centre a body must be readable (wire profile §3).
		return invalid("sealed-not-allowed", "/sealed", "sealed content is not accepted on this profile")
	}
	if len(e.Body) == 0 || e.Body[0] != '{' {
		return invalid("body-missing", "/body", "body is an object")
	}
	return nil
}

func checkAttachmentList(list []ehds.Attachment, l Limits) *fault.Error {
	if len(list) > l.MaxAttachments {
		return fault.New(fault.TooLarge, "too-many-attachments", "more attachments than allowed").At("/attachments")
	}
	var total int64
	seen := make(map[string]bool, len(list))
	for _, a := range list {
		if a.ID == "" || len(a.ID) > 128 || !plain(a.ID) || seen[a.ID] {
			return invalid("attachment-id", "/attachments", "attachment ids are distinct printable names")
		}
		seen[a.ID] = true
		if a.Size < 0 || a.Size > l.MaxAttachmentBytes || !hexSHA256(a.SHA256) || !mediaType(a.MediaType) ||
			!fileName(a.Name) {
			return invalid("attachment-form", "/attachments", "an attachment needs media_type, size, sha256, and a name that is no path")
		}
		total += a.Size
	}
	if total > l.MaxAttachmentBytes {
		return fault.New(fault.TooLarge, "attachments-too-large", "the attachments together exceed the limit").At("/attachments")
	}
	return nil
}

func invalid(code, pointer, detail string) *fault.Error {
	return fault.New(fault.Invalid, code, detail).At(pointer)
}

func knownProfile(p string) bool {
	for _, k := range ehds.Profiles() {
		if k == p {
			return true
		}
	}
	return false
}

func hexSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && strings.ToLower(s) == s
}

// fileName wants a name that names a file and no place: whoever writes it into a folder or an archive must
// stay there. Characters that are not printed could show another name than there is.
func fileName(s string) bool {
	if s == "" || len(s) > 255 || !utf8.ValidString(s) || s == "." || s == ".." {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == '\\' || !unicode.IsPrint(r) })
}

// plain wants characters that are safe as a Content-ID and in file names.
func plain(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return true
}

func mediaType(s string) bool {
	main, sub, ok := strings.Cut(s, "/")
	return ok && main != "" && sub != "" && len(s) <= 127 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
