package ehds

// DigestSchemeRadix16 names the construction of package catalogue/digest in messages.
const DigestSchemeRadix16 = "radix16-sha256"

// CatalogueDigestBody is the body of catalogue.digest: what the sender holds, in one sum, and which
// parts of the receiver's catalogue of the sender's nation it asks for. Digests are "sha256:" and
// lower-case hex.
type CatalogueDigestBody struct {
	Scheme string   `json:"scheme"`
	Count  int      `json:"count"`
	Root   string   `json:"root"`
	Ask    []string `json:"ask"` // prefixes in hexadecimal, "" for the root
}

// CatalogueDigestAnswer is what the receiver shows of that nation. It need not answer all that was
// asked in one message: what is left out is asked again.
type CatalogueDigestAnswer struct {
	Scheme string                `json:"scheme"`
	Count  int                   `json:"count"`
	Root   string                `json:"root"`
	Nodes  []CatalogueDigestNode `json:"nodes"`
}

// CatalogueDigestNode is one prefix: its sixteen children, or its entries when they are few.
type CatalogueDigestNode struct {
	Prefix   string                 `json:"prefix"`
	Count    int                    `json:"count"`
	Digest   string                 `json:"digest"`
	Children []CatalogueDigestChild `json:"children,omitempty"`
	Entries  []CatalogueDigestEntry `json:"entries,omitempty"`
}

// CatalogueDigestChild is a child by its number of entries and sum.
type CatalogueDigestChild struct {
	Count  int    `json:"count"`
	Digest string `json:"digest"`
}

// CatalogueDigestEntry is one dataset: identifier at origin, digest of the exchange form.
type CatalogueDigestEntry struct {
	Identifier string `json:"identifier"`
	Digest     string `json:"digest"`
}

// CatalogueDigestResponse is the body of catalogue.digest.response.
type CatalogueDigestResponse struct {
	ResponseBody
	Catalogue *CatalogueDigestAnswer `json:"catalogue,omitempty"` // absent when the question was not validated
}
