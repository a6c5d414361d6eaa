package jose

// Default limits (wire profile §3). An entity's metadata may state others.
const (
	// DefaultMaxToken is the largest compact token, in bytes.
	DefaultMaxToken = 2 << 20
	// DefaultMaxHeader is the largest decoded JOSE header, in bytes.
	DefaultMaxHeader = 64 << 10
	// DefaultMaxDepth is the deepest nesting of objects and arrays; the
	// outermost object has depth 1.
	DefaultMaxDepth = 32
)

// Limits bounds what [Parse] reads. A field that is zero or negative means
// its default, so the zero value is the default profile.
type Limits struct {
	// MaxToken is the largest compact token, in bytes.
	MaxToken int
	// MaxHeader is the largest decoded header, in bytes.
	MaxHeader int
	// MaxDepth is the deepest nesting of header and payload.
	MaxDepth int
}

func (l Limits) withDefaults() Limits {
	if l.MaxToken <= 0 {
		l.MaxToken = DefaultMaxToken
	}
	if l.MaxHeader <= 0 {
		l.MaxHeader = DefaultMaxHeader
	}
	if l.MaxDepth <= 0 {
		l.MaxDepth = DefaultMaxDepth
	}
	return l
}
