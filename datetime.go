package b24

import (
	"errors"
	"fmt"
	"time"
)

// DateTime is a moment as the portal writes it, in the zone it was written in.
//
// It decodes from ISO 8601 with an offset or "Z" (what nearly every method
// sends), from "2006-01-02 15:04:05" and "02.01.2006 15:04:05", from a day alone
// (midnight) and from Unix seconds as a number or as text (UTC; 0 is 1970).
// Regional spellings decode as well: "12/24/2024 05:59:00 pm" and the like have
// the month first, as everywhere in the vendor's documentation, unless it would
// exceed 12; and "Wed Dec 11 2024 17:59:00". null, "", false, [], {} and dates of
// zeros decode to the zero value. Other text is an error.
//
// A text without an offset says nothing about the zone. It is read as if it were
// UTC, HasZone reports false for it, and AssumeZone moves it into the zone of the
// portal: do that before comparing or sending such a value.
//
// It encodes as YYYY-MM-DDThh:mm:ss±hh:mm, never with "Z" or a fraction, the only
// spelling REST 3.0 takes (protocol.md 2.4, 9.3); the zero value as "", which
// clears the field. A year outside 0 to 9999 is an error. The methods that make
// another moment (Add, In, UTC ...) are those of time.Time and return one.
type DateTime struct {
	// Time is the moment. Its zero value means there is none.
	time.Time
}

// unzoned names the location of a value that was written without an offset.
const unzoned = "unzoned"

// HasZone reports whether the moment is certain. It is false only for a value
// decoded from text without an offset and not yet given one by AssumeZone;
// encoding/gob does not keep the difference.
func (d DateTime) HasZone() bool { return d.Location().String() != unzoned }

// AssumeZone returns the same reading of the clock in loc if HasZone is false,
// and d itself otherwise. A nil loc means UTC.
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

// AppendText implements encoding.TextAppender: what MarshalText gives, after b.
func (d DateTime) AppendText(b []byte) ([]byte, error) {
	if d.IsZero() {
		return b, nil
	}
	t := d.Time
	// the portal knows no seconds in an offset and no offset of a day: keep the moment
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -24*60*60 || offset >= 24*60*60 {
		t = t.UTC()
	}
	if year := t.Year(); year < 0 || year > 9999 {
		return b, fmt.Errorf("b24: DateTime: year %d is outside 0 to 9999", year)
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05-07:00"), nil
}

// MarshalText implements encoding.TextMarshaler, as map keys and encoders of
// forms use it: the canonical spelling, "" for the zero value.
func (d DateTime) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// MarshalJSON implements json.Marshaler.
func (d DateTime) MarshalJSON() ([]byte, error) {
	b, err := d.AppendText(append(make([]byte, 0, len(`"2006-01-02T15:04:05-07:00"`)), '"'))
	if err != nil {
		return nil, err
	}
	return append(b, '"'), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. It takes what a JSON string
// may hold; on an error d keeps its value.
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
		t, ok = readUnix(text)
	default: // no moment
	}
	if !ok {
		return unreadable("DateTime", b)
	}
	d.Time = t
	return nil
}

// readMoment reads the text of a DateTime.
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

// Date is a day of the calendar, without a clock and a zone: a birthday, a due
// date.
//
// It decodes from every text DateTime decodes from and keeps the day as written,
// whatever the zone of the stamp: "2001-11-11T02:00:00+02:00" is November 11, 2001
// (a conversion to UTC would make it the 10th). null, "", false, [], {} and dates
// of zeros decode to the zero value. A day that does not exist, Unix seconds (they
// name no day without a zone) and other text are errors. It encodes as YYYY-MM-DD,
// the zero value as "", which clears the field (protocol.md 2.4).
type Date struct {
	// Year is the year, 0 to 9999.
	Year int
	// Month is the month.
	Month time.Month
	// Day is the day of the month, from 1.
	Day int
}

// DateOf returns the day on which t falls in the location of t; the zero Date for
// the zero time.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether d is no day at all.
func (d Date) IsZero() bool { return d == Date{} }

// In returns the midnight that begins the day in loc, or what time.Date makes of
// it where the clocks skip midnight. The zero Date gives the zero time; a nil loc
// means UTC.
func (d Date) In(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String returns YYYY-MM-DD, "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText implements encoding.TextMarshaler. A day that does not exist is an
// error.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	if !dayExists(d.Year, int(d.Month), d.Day) {
		return nil, errors.New("b24: Date: there is no day " + d.String())
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. It takes what a JSON string
// may hold; on an error d keeps its value.
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
	default: // no day
	}
	if !ok {
		return unreadable("Date", b)
	}
	*d = v
	return nil
}

// readDay reads the text of a Date.
func readDay(text []byte) (Date, bool) {
	text = trimBlanks(text)
	if len(text) == 0 {
		return Date{}, true
	}
	s, ok := parseStamp(text)
	return Date{Year: s.year, Month: time.Month(s.month), Day: s.day}, ok
}
