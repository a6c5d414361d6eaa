package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Font is a TrueType font with Unicode characters of the Basic Multilingual Plane, each glyph an outline of
// its own. It is never changed and may be used by many documents at once.
type Font struct {
	name     string
	tables   map[string][]byte
	unit     int // units per em
	glyphs   map[rune]uint16
	advances []uint16
	loca     []uint32
	box      [4]int16
	ascent   int16
	descent  int16
}

// ErrFont is returned for bytes that are no font this package can embed.
var ErrFont = errors.New("not a TrueType font that can be embedded")

// ParseFont reads a font. name is what it is called in documents: ASCII letters and '-'.
func ParseFont(name string, ttf []byte) (f *Font, err error) {
	defer func() { // a table that is too short
		if recover() != nil {
			f, err = nil, fmt.Errorf("%w: a table is cut", ErrFont)
		}
	}()
	ttf = slices.Clip(ttf) // no slice reaches beyond its end
	f = &Font{name: name, tables: map[string][]byte{}, glyphs: map[rune]uint16{}}
	be := binary.BigEndian
	for i := range int(be.Uint16(ttf[4:])) {
		entry := ttf[12+16*i:]
		from, size := be.Uint32(entry[8:]), be.Uint32(entry[12:])
		f.tables[string(entry[:4])] = slices.Clip(ttf[from : from+size])
	}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "cmap", "loca", "glyf"} {
		if f.tables[tag] == nil {
			return nil, fmt.Errorf("%w: no table %s", ErrFont, tag)
		}
	}
	head, hhea := f.tables["head"], f.tables["hhea"]
	f.unit = int(be.Uint16(head[18:]))
	for i := range f.box {
		f.box[i] = int16(be.Uint16(head[36+2*i:])) //nolint:gosec // a signed field
	}
	f.ascent, f.descent = int16(be.Uint16(hhea[4:])), int16(be.Uint16(hhea[6:])) //nolint:gosec // signed fields
	n := int(be.Uint16(f.tables["maxp"][4:]))
	f.readAdvances(n, int(be.Uint16(hhea[34:])))
	f.readLoca(n, be.Uint16(head[50:]) == 1)
	if f.unit == 0 || !f.readCmap() {
		return nil, fmt.Errorf("%w: no Unicode characters", ErrFont)
	}
	if f.composite() {
		return nil, fmt.Errorf("%w: glyphs made of others", ErrFont)
	}
	return f, nil
}

// readAdvances reads the widths: the last one holds for all glyphs behind it.
func (f *Font) readAdvances(glyphs, metrics int) {
	hmtx := f.tables["hmtx"]
	for i := range glyphs {
		f.advances = append(f.advances, binary.BigEndian.Uint16(hmtx[4*min(i, metrics-1):]))
	}
}

func (f *Font) readLoca(glyphs int, long bool) {
	loca := f.tables["loca"]
	for i := range glyphs + 1 {
		if long {
			f.loca = append(f.loca, binary.BigEndian.Uint32(loca[4*i:]))
		} else {
			f.loca = append(f.loca, 2*uint32(binary.BigEndian.Uint16(loca[2*i:])))
		}
	}
	_ = f.tables["glyf"][:f.loca[glyphs]]
}

// composite says whether a glyph is made of others (OpenType, table glyf): a subset would lack those.
func (f *Font) composite() bool {
	for i := range len(f.loca) - 1 {
		if data := f.tables["glyf"][f.loca[i]:f.loca[i+1]]; len(data) > 0 && binary.BigEndian.Uint16(data)>>15 == 1 {
			return true
		}
	}
	return false
}

// readCmap reads the characters of the plane (format 4).
func (f *Font) readCmap() bool {
	cmap, be := f.tables["cmap"], binary.BigEndian
	for i := range int(be.Uint16(cmap[2:])) {
		entry := cmap[4+8*i:]
		t := cmap[be.Uint32(entry[4:]):]
		platform, encoding := be.Uint16(entry), be.Uint16(entry[2:])
		if be.Uint16(t) == 4 && (platform == 0 || platform == 3 && encoding == 1) {
			f.readSegments(t)
			return len(f.glyphs) > 0
		}
	}
	return false
}

func (f *Font) readSegments(t []byte) {
	be := binary.BigEndian
	n := int(be.Uint16(t[6:])) / 2
	ends, starts := t[14:], t[16+2*n:]
	deltas, offsets := t[16+4*n:], t[16+6*n:]
	for s := range n {
		start, end := be.Uint16(starts[2*s:]), be.Uint16(ends[2*s:])
		delta, offset := be.Uint16(deltas[2*s:]), int(be.Uint16(offsets[2*s:]))
		for c := int(start); c <= int(end) && c != 0xFFFF; c++ {
			g := uint16(c) + delta //nolint:gosec // modulo 65536, as the format has it
			if offset != 0 {
				if g = be.Uint16(offsets[2*s+offset+2*(c-int(start)):]); g != 0 {
					g += delta
				}
			}
			if g != 0 && int(g) < len(f.advances) {
				f.glyphs[rune(c)] = g
			}
		}
	}
}

// Has says whether the font has a character.
func (f *Font) Has(r rune) bool { return f.glyphs[r] != 0 }

// Width is that of a text in points, at a size in points.
func (f *Font) Width(s string, size float64) float64 {
	n := 0
	for _, r := range s {
		n += int(f.advances[f.glyphs[r]])
	}
	return float64(n) * size / float64(f.unit)
}

// per1000 scales a measure of the font to thousandths of the em.
func (f *Font) per1000(v int) int { return v * 1000 / f.unit }
