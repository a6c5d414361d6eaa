package pdf

import (
	"encoding/binary"
	"maps"
	"slices"
)

// Flags of a composite glyph (OpenType, table glyf).
const (
	argsAreWords   = 1 << 0
	hasScale       = 1 << 3
	moreComponents = 1 << 5
	hasXYScale     = 1 << 6
	hasTwoByTwo    = 1 << 7
)

// subset is a font file with the glyphs used alone. They keep their numbers; the others are empty.
func (f *Font) subset(used map[uint16]bool) []byte {
	all := map[uint16]bool{0: true}
	for g := range used {
		f.closure(g, all)
	}
	var glyf []byte
	loca := make([]byte, 0, 4*len(f.loca))
	for i := range len(f.loca) - 1 {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // below the size of the font
		if all[uint16(i)] {                                           //nolint:gosec // below the number of glyphs
			glyf = append(glyf, f.tables["glyf"][f.loca[i]:f.loca[i+1]]...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // as above
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint32(head[8:], 0)  // the checksum of the whole, which readers of PDF do not look at
	out := map[string][]byte{"glyf": glyf, "loca": loca, "head": head}
	for _, tag := range []string{"hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep"} {
		if t := f.tables[tag]; t != nil {
			out[tag] = t
		}
	}
	return fontFile(out)
}

// closure adds a glyph and those it is made of.
func (f *Font) closure(g uint16, all map[uint16]bool) {
	if all[g] || int(g)+1 >= len(f.loca) {
		return
	}
	all[g] = true
	data := f.tables["glyf"][f.loca[g]:f.loca[g+1]]
	if len(data) < 10 || binary.BigEndian.Uint16(data)>>15 == 0 {
		return // empty, or an outline of its own
	}
	for p := 10; p+4 <= len(data); {
		flags := binary.BigEndian.Uint16(data[p:])
		f.closure(binary.BigEndian.Uint16(data[p+2:]), all)
		p += 6
		if flags&argsAreWords != 0 {
			p += 2
		}
		switch {
		case flags&hasScale != 0:
			p += 2
		case flags&hasXYScale != 0:
			p += 4
		case flags&hasTwoByTwo != 0:
			p += 8
		}
		if flags&moreComponents == 0 {
			return
		}
	}
}

// fontFile puts tables together (OpenType, "Organization of an OpenType Font").
func fontFile(tables map[string][]byte) []byte {
	tags := slices.Sorted(maps.Keys(tables))
	n, power := len(tags), 1
	shift := 0
	for 2*power <= n {
		power, shift = 2*power, shift+1
	}
	be := binary.BigEndian
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 * power, shift, 16 * (n - power)} {
		out = be.AppendUint16(out, uint16(v)) //nolint:gosec // a dozen tables
	}
	at := 12 + 16*n
	var body []byte
	for _, tag := range tags {
		data := tables[tag]
		out = append(out, tag...)
		out = be.AppendUint32(out, checksum(data))
		out = be.AppendUint32(out, uint32(at+len(body))) //nolint:gosec // below the size of the font
		out = be.AppendUint32(out, uint32(len(data)))    //nolint:gosec // as above
		body = append(body, data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

func checksum(data []byte) (sum uint32) {
	for i := 0; i < len(data); i += 4 {
		var word [4]byte
		copy(word[:], data[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
