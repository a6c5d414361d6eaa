package config

import (
	"net/netip"
	"time"
)

// Version is the only value of the key "version" this package reads.
const Version = 1

// Config is the whole configuration. A value returned by [Load] or [Parse]
// without error has passed every check of this package; its paths are resolved
// and its secrets are read.
type Config struct {
	// Version is the version of the file's shape; always [Version].
	Version int `yaml:"version"`
	// Entity is the gateway's entity identifier and public base URL, without a
	// trailing slash (OpenID Federation 1.1, entity identifier).
	Entity string `yaml:"entity"`
	// Country is an ISO 3166-1 alpha-2 code in capitals.
	Country string `yaml:"country"`
	// DisplayName is the contact point's name by language tag.
	DisplayName map[string]string `yaml:"display_name"`
	// Contacts are mail addresses or https URLs published with the entity.
	Contacts []string `yaml:"contacts"`
	// Development makes the daemon create its own CA on first start and allows
	// peers on loopback addresses, also by plain http.
	Development bool `yaml:"development"`
	// DataDir holds the record, the keys and the operator's socket.
	DataDir string `yaml:"data_dir" as:"path"`

	Keys      Keys      `yaml:"keys"`
	Listen    Listen    `yaml:"listen"`
	Admin     Admin     `yaml:"admin"`
	Trust     Trust     `yaml:"trust"`
	HDABs     []HDAB    `yaml:"hdabs"`
	Catalogue Catalogue `yaml:"catalogue"`
	Permits   Permits   `yaml:"permits"`
	Gates     Gates     `yaml:"gates"`
	Register  Register  `yaml:"register"`
	Central   Central   `yaml:"central"`
	Peers     []Peer    `yaml:"peers"`
	Exchange  Exchange  `yaml:"exchange"`
	Evidence  Evidence  `yaml:"evidence"`
	Cache     Cache     `yaml:"cache"`
	Storage   Storage   `yaml:"storage"`
	Log       Log       `yaml:"log"`
}

// Keys says where private keys live that are not files under data_dir.
type Keys struct {
	PKCS11 PKCS11 `yaml:"pkcs11"`
}

// PKCS11 is a token that makes and holds the keys of some purposes. The program must be built with the
// tag pkcs11. Keys that are in files stay there until they are rotated.
type PKCS11 struct {
	// Module is the path of the vendor's library; empty means no token.
	Module string `yaml:"module" as:"path"`
	// TokenLabel is the label of the token.
	TokenLabel string `yaml:"token_label"`
	// PIN is the user's PIN; best given as file:PATH.
	PIN Secret `yaml:"pin"`
	// Purposes are those whose keys the token makes from now on: federation, exchange, permit, visa.
	Purposes []string `yaml:"purposes"`
}

// Listen is the public listener.
type Listen struct {
	// Address is HOST:PORT; port 0 lets the system choose.
	Address string `yaml:"address"`
	// TLS is required unless Development is set.
	TLS TLS `yaml:"tls"`
}

// TLS names the PEM files of one listener. Cert and Key are given together.
type TLS struct {
	Cert string `yaml:"cert" as:"path"`
	Key  string `yaml:"key" as:"path"`
	// ClientCA, when given, makes client certificates from these roots required.
	ClientCA string `yaml:"client_ca" as:"path"`
}

// Enabled tells whether a certificate is configured.
func (t TLS) Enabled() bool { return t.Cert != "" }

// Admin is the operators' listener: liveness, readiness, metrics. Without TLS it
// may only be bound to a loopback address.
type Admin struct {
	Address string `yaml:"address"`
	TLS     TLS    `yaml:"tls"`
}

// Trust configures whom the gateway believes.
type Trust struct {
	// Anchors are the pinned trust anchors; at least one.
	Anchors []Anchor `yaml:"anchors"`
	// Superiors are the entities that vouch for this contact point, where it stands under an
	// intermediate; the anchors when empty. They may be asked about peers too.
	Superiors []string `yaml:"superiors"`
	// Intermediates are the superiors of peers that may be asked, beside the anchors and Superiors.
	Intermediates []string `yaml:"intermediates"`
	// CAFile holds extra PEM roots for outbound TLS; empty means the system's only.
	CAFile string `yaml:"ca_file" as:"path"`
	// AllowNetworks are the private or loopback ranges outbound calls may reach.
	AllowNetworks []netip.Prefix `yaml:"allow_networks"`
	// MarkRefresh is how often the status of a trust mark is asked again.
	MarkRefresh time.Duration `yaml:"mark_refresh"`
	// MarkGrace is how long the last answer may be used when asking fails.
	MarkGrace time.Duration `yaml:"mark_grace"`
	// StaleIfError is how long the statements about a peer may be used after its hosts and its
	// superiors' were last asked, when asking fails; never beyond their own end.
	StaleIfError time.Duration `yaml:"stale_if_error"`
	// SignatureAlgorithms are read from others and listed in the metadata. The post-quantum ones are
	// opt-in.
	SignatureAlgorithms []string `yaml:"signature_algorithms"`
	// SignaturePolicy is the least that the signatures of those without a policy of their own must be
	// made of, and what is signed for them: classical, hybrid or post-quantum.
	SignaturePolicy string `yaml:"signature_policy"`
	// SignaturePolicies are those of single peers; one counts for the entities under its peer as well.
	SignaturePolicies []PeerPolicy `yaml:"signature_policies"`
}

// PeerPolicy is the signature policy toward one peer. The peer cannot lower it.
type PeerPolicy struct {
	Entity string `yaml:"entity"`
	Policy string `yaml:"policy"`
	// SignHybrid signs hybrid for the peer though the policy does not ask it of the peer yet, so that
	// either side can raise its policy first.
	SignHybrid bool `yaml:"sign_hybrid"`
}

// Anchor is one trust anchor whose keys were obtained out of band.
type Anchor struct {
	Entity string `yaml:"entity"`
	// JWKS is the path of the anchor's JWK set.
	JWKS string `yaml:"jwks" as:"path"`
}

// HDAB is one health data access body served by this contact point.
type HDAB struct {
	// ID is the short name used in URLs and permits: [a-z0-9-].
	ID string `yaml:"id"`
	// Code is the body's code within the country, used in permit identifiers.
	Code string            `yaml:"code"`
	Name map[string]string `yaml:"name"`
	// Agents are the IRIs by which catalogue records name the body (healthdcatap:hdab); its own
	// entity identifier always counts.
	Agents []string `yaml:"agents"`
	// Catalogues are the catalogue ids whose datasets are the body's where the published record does not
	// say whose they are.
	Catalogues []string `yaml:"catalogues"`
	// TrustedHolders are the data holders the body designated as trusted (Art. 72(2)), by the names the
	// published record has for them; those the record itself shows as trusted count without.
	TrustedHolders []string `yaml:"trusted_holders"`
	// Coordinator marks the body that takes what no rule gives to another (Art. 55(1)); without a mark it
	// is the first.
	Coordinator bool `yaml:"coordinator"`
	// Permits is the body's own permit system; without a driver the gateway's serves it.
	Permits Permits `yaml:"permits"`
	// Calendar is how its statutory periods are counted.
	Calendar Calendar `yaml:"calendar"`
}

// Catalogue configures what is published to the national and EU catalogues.
type Catalogue struct {
	Sources []Source `yaml:"sources"`
	Guard   Guard    `yaml:"guard"`
	Mirror  Mirror   `yaml:"mirror"`
}

// Mirror keeps the public EU catalogue searchable here (Art. 79(2)).
type Mirror struct {
	// URL is the catalogue's address at the centre; empty mirrors nothing.
	URL string `yaml:"url"`
	// Interval is the time between two readings of what changed. Once a day everything is read.
	Interval time.Duration `yaml:"interval"`
}

// Source is one catalogue connector.
type Source struct {
	// Name identifies the source in the record; unique, [a-z0-9-].
	Name   string `yaml:"name"`
	Driver string `yaml:"driver"`
	// Location is a path (resolved) or a URL (kept), as the driver reads it.
	Location string `yaml:"location" as:"location"`
	// Interval is the time between two collections; 0 leaves them to the operator.
	Interval time.Duration `yaml:"interval"`
	// Profile is the release of HealthDCAT-AP the records are of: r5, r6, r7 or r8. Those of an older one
	// than the centre takes are migrated before they are validated.
	Profile string `yaml:"profile"`
	// LegalMinimum asks for the minimum elements of Implementing Regulation (EU) 2026/2098 as well.
	LegalMinimum bool `yaml:"legal_minimum"`
	// Format is the form of the documents: turtle, trig, ntriples, nquads, rdfxml or jsonld. Empty goes
	// by name and Content-Type. Drivers refuse what they have no use for, here and below.
	Format string `yaml:"format"`
	// Contexts are JSON-LD contexts that documents name: none is ever fetched.
	Contexts []Context `yaml:"contexts"`
	// TokenFile holds an API token, LoginFile a JSON object with email and password; each readable by
	// its owner alone.
	TokenFile string `yaml:"token_file" as:"path"`
	LoginFile string `yaml:"login_file" as:"path"`
	// View is the face of a CKAN that is read: dcat, the pages of ckanext-dcat, or action, the API.
	View string `yaml:"view"`
	// DCATProfile is the profile ckanext-dcat is asked to write by.
	DCATProfile string `yaml:"dcat_profile"`
	// PageLimit is the number of pages after which a pass is given up; 0 leaves it to the driver.
	PageLimit int `yaml:"page_limit"`
}

// Context is a JSON-LD context that is at hand.
type Context struct {
	// IRI is what documents name it by.
	IRI string `yaml:"iri"`
	// File is its JSON document.
	File string `yaml:"file" as:"path"`
}

// Guard stops a publication that would remove or reject too much.
type Guard struct {
	// MaxRemovedShare is the share (0 to 1) of the last snapshot that may vanish.
	MaxRemovedShare float64 `yaml:"max_removed_share"`
	// MaxInvalidShare is the share (0 to 1) of records that may be invalid.
	MaxInvalidShare float64 `yaml:"max_invalid_share"`
	// MinRecords is the size of snapshot below which shares are not applied: then
	// one record may vanish at a time and any number may be invalid. Nothing read
	// where something is published stops a publication at any size.
	MinRecords int `yaml:"min_records"`
}

// Gates says what national law adds to what is asked of an application; docs/gates.md has the rules.
type Gates struct {
	// EthicsRequired: national law asks for an assessment of ethical aspects (Art. 67(2)(j)).
	EthicsRequired bool `yaml:"ethics_required"`
	// OptOutsOfVersion: an amended or renewed permit leaves out who opted out by its own issue, instead of
	// by that of its first version (Art. 71).
	OptOutsOfVersion bool `yaml:"opt_outs_of_version"`
	// EarlyCategories is how grave it is to ask for a category of data before the duty to make it
	// available applies (Art. 105): info or warning.
	EarlyCategories string `yaml:"early_categories"`
}

// Register configures the public register (Art. 57(1)(j), 58).
type Register struct {
	// Review: a decision is shown only once staff released it, see 'ehdsgw register pending'. Its 30 working
	// days run meanwhile.
	Review bool `yaml:"review"`
}

// Permits configures the permit connector.
type Permits struct {
	Driver     string     `yaml:"driver"`
	Desk       Desk       `yaml:"desk"`
	Dispatcher Dispatcher `yaml:"dispatcher"`
	REMS       REMS       `yaml:"rems"`
	// AcknowledgeWithin is how long those who are told of a permit have to confirm it; 0 for a body means
	// the gateway's. No law sets it.
	AcknowledgeWithin time.Duration `yaml:"acknowledge_within"`
	// Recipients have systems that are told of permits by webhook, where the permit system does not bring
	// notices itself. A body's own come before the gateway's.
	Recipients []PermitRecipient `yaml:"recipients"`
}

// Desk configures the built-in desk; used when the driver is "desk".
type Desk struct {
	// Rules is the path of the desk's rules; empty means every case waits for a person.
	Rules string `yaml:"rules" as:"path"`
	// FourEyes asks for two persons: what one decides waits until another confirms it, and so does what
	// a rule decides.
	FourEyes bool `yaml:"four_eyes"`
}

// Central configures the connection to the EU central platform.
type Central struct {
	Entity string `yaml:"entity"`
	Driver string `yaml:"driver"`
	// Profile is the profile of messages to the centre, such as hdeu-r8.
	Profile string `yaml:"profile"`
}

// Peer is another nation's hub that applications are exchanged with directly. That is no part of
// HealthData@EU, where everything goes through the central platform.
type Peer struct {
	// Entity is the peer's entity identifier. It must be a contact point under one of the pinned anchors.
	Entity string `yaml:"entity"`
	// Profile is the profile spoken with it: peer-1.
	Profile string `yaml:"profile"`
	// Sealing are the algorithms messages are sealed with for it, the preferred one first; of these the
	// first is taken that the peer can open.
	Sealing []string `yaml:"sealing"`
	// Recognition is how far permits of the peer's bodies are recognised here (Art. 68(5)).
	Recognition Recognition `yaml:"recognition"`
}

// Recognition is the policy toward permits of a peer's bodies, by the procedure that the application is under
// here: manual (staff decide), assist (an approval is proposed, and staff confirm it) or automatic (a proved
// permit that covers what is asked for leads to an approval). None of them refuses anything.
type Recognition struct {
	Standard    string `yaml:"standard"`    // Art. 68(4)
	Accelerated string `yaml:"accelerated"` // Art. 68(6)
	// TrustedHolder cannot be automatic: the body decides on the holder's proposal (Art. 72).
	TrustedHolder string `yaml:"trusted_holder"`
}

// Exchange bounds the signed exchange.
type Exchange struct {
	// TokenLifetime is exp minus iat of what is sent.
	TokenLifetime time.Duration `yaml:"token_lifetime"`
	// Hold is how long a message waits for the one before it.
	Hold time.Duration `yaml:"hold"`
	// Grace is how long after its legal end a statutory clock waits for what an applicant did in time.
	Grace time.Duration `yaml:"grace"`
	// MaxMessage is the longest token accepted.
	MaxMessage ByteSize `yaml:"max_message"`
	// MaxAttachments is the number of attachments of one message.
	MaxAttachments int `yaml:"max_attachments"`
	// MaxAttachmentBytes is the size of all attachments of one message together.
	MaxAttachmentBytes ByteSize `yaml:"max_attachment_bytes"`
	Retry              Retry    `yaml:"retry"`
	Breaker            Breaker  `yaml:"breaker"`
	// Workers is the number of messages sent at the same time.
	Workers int `yaml:"workers"`
}

// Evidence configures the evidence log.
type Evidence struct {
	// Witnesses are asked to cosign its checkpoints (C2SP tlog-witness).
	Witnesses []Witness `yaml:"witnesses"`
	// Interval is how often they are asked about a log that has grown; at most an hour.
	Interval time.Duration `yaml:"interval"`
}

// Witness cosigns the checkpoints of the evidence log.
type Witness struct {
	// URL is the submission prefix; add-checkpoint is appended.
	URL string `yaml:"url"`
	// VKey is the witness's key, name+id+key, obtained from it by another way than the URL.
	VKey string `yaml:"vkey"`
}

// Retry is the backoff of the outbox.
type Retry struct {
	First  time.Duration `yaml:"first"`
	Max    time.Duration `yaml:"max"`
	GiveUp time.Duration `yaml:"give_up"`
}

// Breaker stops calling a peer that keeps failing.
type Breaker struct {
	Failures int           `yaml:"failures"`
	Open     time.Duration `yaml:"open"`
}

// Cache says where what may be lost is kept.
type Cache struct {
	// URL is memory:, redis://, rediss://, redis+sentinel:// or redis+cluster://.
	// It is a secret because it may carry a password.
	URL Secret `yaml:"url"`
}

// Storage configures the durable record.
type Storage struct {
	Driver string `yaml:"driver"`
	// MinFree is the free disk space below which new messages are refused.
	MinFree ByteSize `yaml:"min_free"`
}

// Log configures the daemon's log.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is json or text.
	Format string `yaml:"format"`
}
