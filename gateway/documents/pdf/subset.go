package pdf

import (
	"encoding/binary"
	"maps"
	"slices"
)

// subset is a font file with the glyphs used alone. They keep their numbers; the others are empty.
func (f *Font) subset(used []uint16) []byte {
	all := map[uint16]bool{0: true}
	for _, g := range used {
		all[g] = true
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
