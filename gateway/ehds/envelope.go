package ehds

import "encoding/json"

// JWS types of the wire profile.
const (
	TypMessage    = "ehds-message+jwt"
	TypReceipt    = "ehds-receipt+jwt"
	TypPermit     = "ehds-permit+jwt"
	TypStatusList = "statuslist+jwt"
	TypPull       = "ehds-pull+jwt"
)

// Message profiles: the release of the business content a message speaks (wire profile §3).
const (
	ProfileR6    = "hdeu-r6"
	ProfileR7    = "hdeu-r7"
	ProfileR8    = "hdeu-r8" // as a message profile an assumption: only HealthDCAT-AP R8 is confirmed
	ProfilePeer1 = "peer-1"
	ProfileExt1  = "ext-1"
)

// Profiles lists every known message profile.
func Profiles() []string {
	return []string{ProfileR6, ProfileR7, ProfileR8, ProfilePeer1, ProfileExt1}
}

// Envelope is the claims set of an ehds-message+jwt (wire profile §3). Times are NumericDate
// seconds (RFC 7519 §2). Unknown members are refused when it is read.
type Envelope struct {
	Iss          string          `json:"iss"`
	Aud          string          `json:"aud"`
	Iat          int64           `json:"iat"`
	Exp          int64           `json:"exp"`
	Jti          string          `json:"jti"`
	Type         MessageType     `json:"type"`
	Profile      string          `json:"profile"`
	Case         string          `json:"case"`
	Track        *Track          `json:"track,omitempty"`
	Seq          int64           `json:"seq"`
	Ref          string          `json:"ref,omitempty"`
	RefSHA256    string          `json:"ref_sha256,omitempty"`
	Origin       *Origin         `json:"origin,omitempty"`
	Body         json.RawMessage `json:"body,omitempty"`
	Sealed       string          `json:"sealed,omitempty"`
	SealedCommit string          `json:"sealed_commit,omitempty"`
	Attachments  []Attachment    `json:"attachments,omitempty"`
}

// Track names one status track of an application: one catalogue, one health data access body.
type Track struct {
	CatalogID string `json:"catalog_id"`
	HDAB      string `json:"hdab"` // entity identifier of the body
}

// Origin is what the centre states about a message it passes on, filled from the credential of the
// original sender (TEHDAS2 D7.3: AccessPointID, NationID, original MessageID).
type Origin struct {
	Entity      string `json:"entity"`
	Nation      string `json:"nation"`
	AccessPoint string `json:"access_point,omitempty"`
	MessageID   string `json:"message_id"`
	ReceivedAt  string `json:"received_at"`
	Token       string `json:"token,omitempty"` // the original JWS, evidence only
}

// Attachment is an entry of the signed attachment list. Name and title stay inside the signature:
// never in headers, URLs or logs.
type Attachment struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"` // lower-case hex
}

// ReceiptStatus is the first of the two acknowledgements (wire profile §4).
type ReceiptStatus string

// Receipt statuses.
const (
	Received  ReceiptStatus = "RECEIVED"
	Duplicate ReceiptStatus = "DUPLICATE"
	Rejected  ReceiptStatus = "REJECTED"
)

// Receipt is the claims set of an ehds-receipt+jwt.
type Receipt struct {
	Iss         string              `json:"iss"`
	Aud         string              `json:"aud"`
	Iat         int64               `json:"iat"`
	Ref         string              `json:"ref"`
	TokenSHA256 string              `json:"token_sha256"`
	Attachments []ReceiptAttachment `json:"attachments,omitempty"`
	ReceivedAt  string              `json:"received_at"` // RFC 3339, UTC, milliseconds or finer
	Status      ReceiptStatus       `json:"status"`
	Held        bool                `json:"held,omitempty"`
	Problem     json.RawMessage     `json:"problem,omitempty"`
	Original    string              `json:"original,omitempty"`
	Evidence    *ReceiptEvidence    `json:"evidence,omitempty"`
}

// ReceiptAttachment is an attachment as stored by the receiver.
type ReceiptAttachment struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// ReceiptEvidence lets the sender prove that its message stands in the receiver's log.
type ReceiptEvidence struct {
	Salt  string `json:"salt"`  // standard base64, 16 bytes
	Leaf  string `json:"leaf"`  // "ehds-leaf/v1\n…"
	Proof string `json:"proof"` // C2SP tlog-proof
}

// Problem is an RFC 9457 problem object with our two members.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
	Field  string `json:"field,omitempty"` // RFC 6901 pointer
}

// Validation is the outcome of the business level.
type Validation string

// Outcomes.
const (
	Validated    Validation = "VALIDATED"
	NotValidated Validation = "NOT_VALIDATED"
)

// Finding is one remark of a business response.
type Finding struct {
	Pointer  string `json:"pointer"`
	Code     string `json:"code"`
	Severity string `json:"severity"` // violation | warning | info
	Message  string `json:"message"`
}

// ResponseBody is the body of every *.response.
type ResponseBody struct {
	Result    Validation `json:"result"`
	Findings  []Finding  `json:"findings,omitempty"`
	CentralID string     `json:"central_id,omitempty"` // with dataset.create.response
}
