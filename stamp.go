package b24

import (
	"bytes"
	"time"
)

// stamp is a date with an optional clock and an optional offset, as written. The
// zero stamp stands for the ways to write "none".
type stamp struct {
	year, month, day           int
	hour, minute, second, nano int
	offset                     int // seconds east of UTC
	zoned                      bool
}

func (s stamp) moment() time.Time {
	if s == (stamp{}) {
		return time.Time{}
	}
	loc := time.UTC
	switch {
	case !s.zoned:
		loc = time.FixedZone(unzoned, 0)
	case s.offset != 0:
		loc = time.FixedZone("", s.offset)
	}
	return time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nano, loc)
}

// parseStamp reads one of the spellings listed at DateTime, without Unix seconds.
// It is written by hand because time.Parse takes one layout at a time and makes an
// error for each that does not fit.
func parseStamp(text []byte) (stamp, bool) {
	if len(text) == 0 {
		return stamp{}, false
	}
	if !isDigit(text[0]) {
		return parseWordy(text)
	}
	p := stampParser{rest: text}
	if !p.date() || len(p.rest) > 0 && !p.clock() {
		return stamp{}, false
	}
	if p.year == 0 && p.month == 0 && p.day == 0 { // 0000-00-00 00:00:00 of the database
		return stamp{}, true
	}
	return p.stamp, dayExists(p.year, p.month, p.day)
}

// parseWordy reads the two spellings that do not begin with a digit.
func parseWordy(text []byte) (stamp, bool) {
	if bytes.HasPrefix(text, []byte("-0001-11-30")) { // what PHP makes of 0000-00-00
		return stamp{}, true
	}
	t, err := time.Parse("Mon Jan _2 2006 15:04:05", string(text))
	if err != nil {
		return stamp{}, false
	}
	return stamp{
		year: t.Year(), month: int(t.Month()), day: t.Day(),
		hour: t.Hour(), minute: t.Minute(), second: t.Second(), nano: t.Nanosecond(),
	}, true
}

// stampParser takes a stamp apart from left to right; rest is what is left.
type stampParser struct {
	stamp

	rest []byte
}

// date reads 2006-01-02, 02.01.2006 or 01/02/2006: the year stands where the four
// digits are, the separator tells the order of the others.
func (p *stampParser) date() bool {
	a, aLen := p.number(4)
	sep := p.next("-./")
	b, bLen := p.number(2)
	if sep == 0 || bLen == 0 || p.next(string(sep)) == 0 {
		return false
	}
	c, cLen := p.number(4)
	switch {
	case aLen == 4 && (cLen == 1 || cLen == 2):
		p.year, p.month, p.day = a, b, c
	case aLen > 2 || cLen != 4:
		return false
	case sep == '/' && a <= 12:
		p.year, p.month, p.day = c, a, b
	default:
		p.year, p.month, p.day = c, b, a
	}
	return true
}

// clock reads the rest after the date: "T15:04:05.123+03:00", " 03:04:05 pm".
func (p *stampParser) clock() bool {
	if p.next("Tt") == 0 && !p.blanks() {
		return false
	}
	var hourLen, minuteLen int
	p.hour, hourLen = p.number(2)
	colon := p.next(":")
	p.minute, minuteLen = p.number(2)
	if hourLen == 0 || colon == 0 || minuteLen != 2 {
		return false
	}
	if !p.seconds() || !p.halfDay() || !p.zone() {
		return false
	}
	return p.hour < 24 && p.minute < 60 && p.second < 60 && len(p.rest) == 0
}

// seconds reads an optional ":05" or ":05.123".
func (p *stampParser) seconds() bool {
	if p.next(":") == 0 {
		return true
	}
	var n int
	if p.second, n = p.number(2); n != 2 {
		return false
	}
	if p.next(".,") == 0 {
		return true
	}
	var digits []byte
	digits, p.rest = leadingDigits(p.rest)
	p.nano = nanos(digits)
	return len(digits) > 0
}

// halfDay reads an optional "am" or "pm" and corrects the hour.
func (p *stampParser) halfDay() bool {
	p.blanks()
	if len(p.rest) < 2 || p.rest[1]|' ' != 'm' {
		return true
	}
	half := p.rest[0] | ' '
	if half != 'a' && half != 'p' {
		return true
	}
	if p.hour < 1 || p.hour > 12 {
		return false
	}
	p.hour %= 12
	if half == 'p' {
		p.hour += 12
	}
	p.rest = p.rest[2:]
	p.blanks()
	return true
}

// zone reads an optional "Z", "+03:00", "+0300" or "+03".
func (p *stampParser) zone() bool {
	if len(p.rest) == 0 {
		return true
	}
	p.zoned = true
	sign := p.next("+-Zz")
	if sign == 'Z' || sign == 'z' {
		return true
	}
	hours, hoursLen := p.number(2)
	if sign == 0 || hoursLen != 2 {
		return false
	}
	colon := p.next(":")
	minutes, minutesLen := p.number(2)
	if minutesLen != 2 && (colon != 0 || minutesLen != 0) {
		return false
	}
	p.offset = (hours*60 + minutes) * 60
	if sign == '-' {
		p.offset = -p.offset
	}
	return hours < 24 && minutes < 60
}

// number reads up to most digits and tells how many there were.
func (p *stampParser) number(most int) (value, digits int) {
	for digits < most && digits < len(p.rest) && isDigit(p.rest[digits]) {
		value = 10*value + int(p.rest[digits]-'0')
		digits++
	}
	p.rest = p.rest[digits:]
	return value, digits
}

// next reads one of the bytes in set; 0 if another one comes.
func (p *stampParser) next(set string) byte {
	if len(p.rest) == 0 {
		return 0
	}
	for i := range len(set) {
		if c := set[i]; p.rest[0] == c {
			p.rest = p.rest[1:]
			return c
		}
	}
	return 0
}

// blanks skips blanks and tells whether there was one.
func (p *stampParser) blanks() bool {
	n := 0
	for n < len(p.rest) && p.rest[n] == ' ' {
		n++
	}
	p.rest = p.rest[n:]
	return n > 0
}

// nanos turns the digits of a fraction of a second into nanoseconds; what is
// smaller is dropped.
func nanos(digits []byte) int {
	n := 0
	for i := range 9 {
		n *= 10
		if i < len(digits) {
			n += int(digits[i] - '0')
		}
	}
	return n
}

// readUnix reads Unix seconds, with or without a fraction, as long as the year is
// one that can be written.
func readUnix(text []byte) (time.Time, bool) {
	var nano int64
	seconds, ok := parseInteger(text)
	if !ok {
		d, isNumber := readDecimal(text)
		if !isNumber || d.exponent != 0 || len(d.whole) == 0 {
			return time.Time{}, false
		}
		seconds, ok = smallInteger(d.whole)
		nano = int64(nanos(d.fraction))
		if d.negative {
			seconds, nano = -seconds, -nano
		}
	}
	t := time.Unix(seconds, nano).UTC()
	const first, last = -62167219200, 253402300799 // 0000-01-01T00:00:00Z, 9999-12-31T23:59:59Z
	return t, ok && seconds > first && seconds <= last
}

func dayExists(year, month, day int) bool {
	if year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= time.Date(year, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day()
}

func trimBlanks(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }
