package recipients

// Confirms is confirms, for the fuzz target.
func Confirms(answer []byte, id string) bool { return confirms(answer, id) }
