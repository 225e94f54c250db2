package b24

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// DateTime is a moment as the portal writes it, in the time zone it was written in.
//
// It decodes from ISO 8601 with an offset or "Z" (what nearly every method sends), from "2006-01-02
// 15:04:05" and "02.01.2006 15:04:05", from a day alone (midnight; 20060102 is a
// day, too) and from Unix seconds as a number or as text (UTC; 0 is 1970). Regional spellings decode as well: "12/24/2024 05:59:00 pm"
// and the like have the month first, as everywhere in the vendor's documentation, unless it would
// exceed 12; and "Wed Dec 11 2024 17:59:00". null, "", false, [], {} and dates of zeros decode to
// the zero value. Other text is an error.
//
// A text without an offset has no time zone. It is read as UTC, [DateTime.HasZone] reports false,
// and [DateTime.AssumeZone] sets the zone of the portal: do that before you compare or send such a
// value.
//
// It encodes as YYYY-MM-DDThh:mm:ss±hh:mm, never with "Z" or a fraction, the only form that REST
// 3.0 accepts; the zero value encodes as "", which clears the field. A year outside 0 to 9999 is an
// error. Methods such as Add, In and UTC are those of [time.Time] and return a [time.Time].
type DateTime struct {
	// Time is the moment. Its zero value means that there is none.
	time.Time
}

// DateTimeOf returns t to the second, which is what the portal stores, in the zone of t: for fields
// and for filters like ">=DATE_MODIFY". The zero time gives the zero DateTime.
func DateTimeOf(t time.Time) DateTime {
	if t.IsZero() {
		return DateTime{}
	}
	return DateTime{Time: t.Truncate(time.Second)}
}

// unzoned is the name of the location of a value that was written without an offset.
const unzoned = "unzoned"

// HasZone reports whether the time zone is known. It is false only for a value that was decoded
// from text without an offset, until [DateTime.AssumeZone] sets the zone. encoding/gob does not
// keep this distinction.
func (d DateTime) HasZone() bool { return d.Location().String() != unzoned }

// AssumeZone returns the same clock time in loc if [DateTime.HasZone] is false, and d otherwise. A
// nil loc means UTC.
func (d DateTime) AssumeZone(loc *time.Location) DateTime {
	if d.HasZone() {
		return d
	}
	if loc == nil {
		loc = time.UTC
	}
	year, month, day := d.Date()
	hour, minute, second := d.Clock()
	return DateTime{Time: time.Date(year, month, day, hour, minute, second, d.Nanosecond(), loc)}
}

// AppendText implements encoding.TextAppender: it appends what [DateTime.MarshalText] returns to b.
func (d DateTime) AppendText(b []byte) ([]byte, error) {
	if d.IsZero() {
		return b, nil
	}
	t := d.Time
	// The portal does not accept seconds in an offset, or an offset of a day or more: UTC keeps the
	// moment.
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -24*60*60 || offset >= 24*60*60 {
		t = t.UTC()
	}
	if year := t.Year(); year < 0 || year > 9999 {
		return b, fmt.Errorf("b24: DateTime: year %d is outside 0 to 9999", year)
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05-07:00"), nil
}

// MarshalText implements encoding.TextMarshaler, for map keys and encoders of forms: the canonical
// spelling, "" for the zero value.
func (d DateTime) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// MarshalJSON implements json.Marshaler.
func (d DateTime) MarshalJSON() ([]byte, error) {
	b, err := d.AppendText(append(make([]byte, 0, len(`"2006-01-02T15:04:05-07:00"`)), '"'))
	if err != nil {
		return nil, err
	}
	return append(b, '"'), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. It accepts the same texts as a JSON string. On
// an error d keeps its value.
func (d *DateTime) UnmarshalText(text []byte) error {
	t, ok := readMoment(text)
	if !ok {
		return unreadable("DateTime", text)
	}
	d.Time = t
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. On an error d keeps its value.
func (d *DateTime) UnmarshalJSON(b []byte) error {
	t, ok := time.Time{}, false
	switch s, text := plain(b); s {
	case shapeEmpty:
		ok = true
	case shapeText:
		t, ok = readMoment(text)
	case shapeNumber:
		t, ok = readMoment(text)
	default: // no value
	}
	if !ok {
		return unreadable("DateTime", b)
	}
	d.Time = t
	return nil
}

// readMoment parses the text of a DateTime.
func readMoment(text []byte) (time.Time, bool) {
	text = trimBlanks(text)
	if len(text) == 0 {
		return time.Time{}, true
	}
	if s, ok := parseStamp(text); ok {
		return s.moment(), true
	}
	return readUnix(text)
}

// Date is a calendar day without a clock time and a time zone: a birthday, a due date.
//
// It decodes from every text that [DateTime] decodes from, and keeps the day as written, whatever
// the zone of the text: "2001-11-11T01:00:00+02:00" is November 11, 2001 (a conversion to UTC would
// make it the 10th). null, "", false, [], {} and dates of zeros decode to the zero value. A day
// that does not exist, Unix seconds (they do not determine a day without a zone) and other text are
// errors. It encodes as YYYY-MM-DD, and the zero value as "", which clears the field.
type Date struct {
	// Year is the year, 0 to 9999.
	Year int
	// Month is the month.
	Month time.Month
	// Day is the day of the month, from 1.
	Day int
}

// DateOf returns the day of t in the location of t. The zero time gives the zero Date.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// In returns the midnight at the start of the day in loc, or what [time.Date] returns if the clocks
// skip midnight. The zero Date gives the zero time. A nil loc means UTC.
func (d Date) In(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String returns YYYY-MM-DD, or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText implements encoding.TextMarshaler. A day that does not exist is an error.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	if !dayExists(d.Year, int(d.Month), d.Day) {
		return nil, errors.New("b24: Date: there is no day " + d.String())
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. It accepts the same texts as a JSON string. On
// an error d keeps its value.
func (d *Date) UnmarshalText(text []byte) error {
	v, ok := readDay(text)
	if !ok {
		return unreadable("Date", text)
	}
	*d = v
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. On an error d keeps its value.
func (d *Date) UnmarshalJSON(b []byte) error {
	v, ok := Date{}, false
	switch s, text := plain(b); s {
	case shapeEmpty:
		ok = true
	case shapeText:
		v, ok = readDay(text)
	default: // no value
	}
	if !ok {
		return unreadable("Date", b)
	}
	*d = v
	return nil
}

// readDay parses the text of a Date.
func readDay(text []byte) (Date, bool) {
	text = trimBlanks(text)
	if len(text) == 0 {
		return Date{}, true
	}
	s, ok := parseStamp(text)
	return Date{Year: s.year, Month: time.Month(s.month), Day: s.day}, ok
}

// stamp is a date with an optional clock time and an optional offset, as written. The zero stamp
// means "no date" in any spelling.
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

// parseStamp parses one of the spellings listed at DateTime, except Unix seconds. It is written by
// hand because time.Parse takes one layout at a time and allocates an error for each that does not
// match.
func parseStamp(text []byte) (stamp, bool) {
	if len(text) == 0 {
		return stamp{}, false
	}
	if !isDigit(text[0]) {
		return parseWordy(text)
	}
	if day, ok := compactDay(text); ok {
		return day, true
	}
	p := stampParser{rest: text}
	if !p.date() || len(p.rest) > 0 && !p.clock() {
		return stamp{}, false
	}
	if p.year == 0 && p.month == 0 && p.day == 0 { // the database's 0000-00-00 00:00:00
		return stamp{}, true
	}
	return p.stamp, dayExists(p.year, p.month, p.day)
}

// compactDay parses 20060102. As Unix seconds, these would be a day of 1970, and no portal has
// records from then.
func compactDay(text []byte) (stamp, bool) {
	const first, last = 1900, 2100
	n, ok := smallInteger(text)
	if !ok || len(text) != len("20060102") {
		return stamp{}, false
	}
	s := stamp{year: int(n / 10000), month: int(n / 100 % 100), day: int(n % 100)}
	return s, s.year >= first && s.year < last && dayExists(s.year, s.month, s.day)
}

// parseWordy parses the two spellings that do not begin with a digit.
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

// stampParser parses a stamp from left to right; rest is the remaining text.
type stampParser struct {
	stamp

	rest []byte
}

// date parses 2006-01-02, 02.01.2006 or 01/02/2006: four digits are the year, and the separator
// determines the order of the others.
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

// clock parses the rest after the date: "T15:04:05.123+03:00", " 03:04:05 pm".
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

// seconds parses an optional ":05" or ":05.123".
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

// halfDay parses an optional "am" or "pm" and corrects the hour.
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

// zone parses an optional "Z", "+03:00", "+0300" or "+03".
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

// number parses up to most digits and returns how many there were.
func (p *stampParser) number(most int) (value, digits int) {
	for digits < most && digits < len(p.rest) && isDigit(p.rest[digits]) {
		value = 10*value + int(p.rest[digits]-'0')
		digits++
	}
	p.rest = p.rest[digits:]
	return value, digits
}

// next reads one of the bytes in set, or returns 0 if another one follows.
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

// blanks skips blanks and reports whether there was one.
func (p *stampParser) blanks() bool {
	n := 0
	for n < len(p.rest) && p.rest[n] == ' ' {
		n++
	}
	p.rest = p.rest[n:]
	return n > 0
}

// nanos converts the digits of a fraction of a second to nanoseconds; further digits are dropped.
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

// readUnix parses Unix seconds, with or without a fraction, if the year can be written.
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
