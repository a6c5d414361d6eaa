package fault

// statusOf is the one mapping from kinds of fault to HTTP statuses (RFC 9110 §15, RFC 6585 §4; wire profile
// §5). It is data, so that every face of the gateway and of its drivers answers a fault alike.
var statusOf = map[Kind]int{
	Malformed:        400,
	Unauthenticated:  401,
	Forbidden:        403,
	NotFound:         404,
	Conflict:         409,
	TooLarge:         413,
	UnsupportedMedia: 415,
	Invalid:          422,
	RateLimited:      429,
	Internal:         500,
	Unavailable:      503,
}

// HTTPStatus is the HTTP status of a kind of fault. A kind that is none of ours is our own defect: 500.
func (k Kind) HTTPStatus() int {
	if s, ok := statusOf[k]; ok {
		return s
	}
	return statusOf[Internal]
}

// KindOfHTTP is the kind that an HTTP status stands for; ok is false for a status that none has.
func KindOfHTTP(status int) (k Kind, ok bool) {
	for k, s := range statusOf {
		if s == status {
			return k, true
		}
	}
	return "", false
}
