package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ByteSize is a number of bytes, written such as 512MiB, 2GiB, 64KiB, 1MB or 100B.
type ByteSize int64

// Units of [ByteSize].
const (
	Byte ByteSize = 1
	KiB           = 1024 * Byte
	MiB           = 1024 * KiB
	GiB           = 1024 * MiB
	TiB           = 1024 * GiB
)

// sizeUnits is ordered so that the longer suffix is tried first.
var sizeUnits = []struct {
	suffix string
	factor ByteSize
}{
	{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", Byte},
}

var errSize = errors.New("not a size such as 512MiB")

// ParseByteSize reads a whole number followed by a unit. A bare number other
// than 0 is refused: its unit would be a guess.
func ParseByteSize(s string) (ByteSize, error) {
	if s == "0" {
		return 0, nil
	}
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || n > math.MaxInt64/uint64(u.factor) {
			return 0, errSize
		}
		return ByteSize(n) * u.factor, nil
	}
	return 0, errSize
}

// String writes the size with the largest binary unit that divides it.
func (b ByteSize) String() string {
	for _, u := range sizeUnits[:4] {
		if b != 0 && b%u.factor == 0 {
			return fmt.Sprintf("%d%s", b/u.factor, u.suffix)
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}
