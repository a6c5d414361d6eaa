package shacl

import "strings"

// moment is a date or time as a point on the time line, to compare it (XML Schema 1.1 Part 2 §3.3.7).
type moment struct {
	seconds int64  // from 0001-01-01T00:00:00, in UTC when zoned
	nanos   string // the digits of the fraction of a second, without trailing zeros
	zoned   bool
}

// timeForm says which fields a datatype has, in the letters of its lexical form.
type timeForm string

// The datatypes of dates and times. Y is a year of four digits or more; M, D, h, m, s have two.
const (
	dateTimeForm  timeForm = "Y-M-DTh:m:s"
	dateForm      timeForm = "Y-M-D"
	clockForm     timeForm = "h:m:s"
	yearForm      timeForm = "Y"
	yearMonthForm timeForm = "Y-M"
	monthDayForm  timeForm = "--M-D"
	monthForm     timeForm = "--M"
	dayForm       timeForm = "---D"
)

// maxYear bounds the years that can be compared; the lexical space has no end.
const maxYear = 99_999_999

// parseTime reads a date or time. Years beyond maxYear are taken for maxYear.
func parseTime(form timeForm, s string) (moment, bool) {
	f := fields{year: 1, month: 1, day: 1}
	negative := false
	if form[0] == 'Y' {
		s, negative = strings.CutPrefix(s, "-")
	}
	for i := 0; i < len(form); i++ {
		var ok bool
		if s, ok = f.read(form[i], s); !ok {
			return moment{}, false
		}
	}
	if negative {
		f.year = -f.year
	}
	if !f.valid(form) {
		return moment{}, false
	}
	offset, zoned, ok := zone(s)
	if !ok {
		return moment{}, false
	}
	m := moment{nanos: strings.TrimRight(f.fraction, "0"), zoned: zoned}
	m.seconds = days(f.year, f.month, f.day)*86400 + f.hour*3600 + f.minute*60 + f.second - offset
	return m, true
}

// fields are those of a date and time.
type fields struct {
	year, month, day, hour, minute, second int64
	fraction                               string
}

// read takes one field, or the character that stands between two, off s.
func (f *fields) read(letter byte, s string) (rest string, ok bool) {
	n := digits(s)
	switch letter {
	case 'Y':
		if n < 4 || n > 4 && s[0] == '0' {
			return s, false
		}
		f.year = maxYear
		if n <= 8 {
			f.year = number(s[:n])
		}
		return s[n:], true
	case 's':
		if n != 2 {
			return s, false
		}
		f.second, s = number(s[:2]), s[2:]
		if strings.HasPrefix(s, ".") {
			n = digits(s[1:])
			if n == 0 {
				return s, false
			}
			f.fraction, s = s[1:1+n], s[1+n:]
		}
		return s, true
	}
	var into *int64
	switch letter {
	case 'M':
		into = &f.month
	case 'D':
		into = &f.day
	case 'h':
		into = &f.hour
	case 'm':
		into = &f.minute
	default:
		if s == "" || s[0] != letter {
			return s, false
		}
		return s[1:], true
	}
	if n < 2 {
		return s, false
	}
	*into = number(s[:2])
	return s[2:], true
}

// number is the value of a few digits.
func number(s string) (n int64) {
	for _, c := range []byte(s) {
		n = n*10 + int64(c-'0')
	}
	return n
}

// valid reports whether the fields name a time. 24:00:00 is the end of a day.
func (f *fields) valid(form timeForm) bool {
	year := f.year
	if form[0] != 'Y' {
		year = 2000 // without a year, the 29th of February exists
	}
	if f.hour == 24 {
		return f.minute == 0 && f.second == 0 && strings.Trim(f.fraction, "0") == "" && f.inMonth(year)
	}
	return f.hour < 24 && f.minute < 60 && f.second < 60 && f.inMonth(year)
}

func (f *fields) inMonth(year int64) bool {
	if f.month < 1 || f.month > 12 || f.day < 1 {
		return false
	}
	length := [...]int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[f.month-1]
	if f.month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		length = 29
	}
	return f.day <= length
}

// zone reads a time zone: the offset in seconds, and whether there is one.
func zone(s string) (offset int64, zoned, ok bool) {
	switch {
	case s == "":
		return 0, false, true
	case s == "Z":
		return 0, true, true
	case len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' || digits(s[1:]) != 2 || digits(s[4:]) != 2:
		return 0, false, false
	}
	hours, minutes := number(s[1:3]), number(s[4:6])
	if hours > 14 || minutes > 59 || hours == 14 && minutes > 0 {
		return 0, false, false
	}
	offset = hours*3600 + minutes*60
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true, true
}

// days counts the days from 0001-01-01 in the proleptic Gregorian calendar; year 0 exists.
func days(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	ofEra := year - era*400
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + (153*(month-3)+2)/5 + day - 1 - 306
}

// compare orders two moments (XML Schema 1.1 Part 2 §D.2.1): one with and one without a time zone can
// be compared only when they are more than 14 hours apart.
func (m moment) compare(o moment) (order int, ok bool) {
	const widest = 14 * 3600
	a, b := m, o
	if a.zoned != b.zoned {
		switch d := a.seconds - b.seconds; {
		case d > widest:
			return 1, true
		case d < -widest:
			return -1, true
		}
		return 0, false
	}
	switch {
	case a.seconds != b.seconds && a.seconds < b.seconds:
		return -1, true
	case a.seconds != b.seconds:
		return 1, true
	}
	return strings.Compare(a.nanos, b.nanos), true
}
