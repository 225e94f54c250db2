package b24

import (
	"fmt"
	"strconv"
	"strings"
)

// ID identifies a record. Classic methods send identifiers as text, newer ones
// as numbers or as either, and some are no numbers at all ("CO_1", "chat15"):
// protocol.md 3.5.
//
// It decodes from a JSON string as it stands and from a JSON number, exactly
// whatever its size; 12.0 and 1e3 become "12" and "1000", a number that is not
// whole stays as written. It encodes as a JSON string, which the portal takes
// wherever it takes a number (protocol.md 2.4). The zero value "" is no
// identifier: null, "", false, [] and {} decode to it, 0 decodes to "0".
type ID string

// IDOf returns the identifier that n is.
func IDOf(n int64) ID { return ID(strconv.FormatInt(n, 10)) }

// Int64 returns the identifier as a number. It is an error if the identifier is
// empty, is not a whole decimal number or does not fit 64 bits.
func (id ID) Int64() (int64, error) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("b24: ID: %q is not a 64-bit number", clip([]byte(id)))
	}
	return n, nil
}

// IsZero reports whether the identifier is empty. "0" is not.
func (id ID) IsZero() bool { return id == "" }

// String returns the identifier as text.
func (id ID) String() string { return string(id) }

// UnmarshalJSON implements json.Unmarshaler. On an error id keeps its value.
func (id *ID) UnmarshalJSON(b []byte) error {
	s, text := scalar(b)
	switch s {
	case shapeEmpty, shapeFalse:
		*id = ""
	case shapeText:
		*id = ID(text)
	case shapeNumber:
		d, ok := readDecimal(text)
		if !ok {
			return unreadable("ID", b)
		}
		*id = numericID(text, d)
	default:
		return unreadable("ID", b)
	}
	return nil
}

func numericID(text []byte, d decimal) ID {
	if len(text) == len(d.whole) && text[0] != '0' {
		return ID(text) // digits only
	}
	if n, ok := d.integer(); ok {
		return ID(n)
	}
	return ID(text)
}

// Int is a whole number that the portal writes as a number or as text
// (protocol.md 3.5). It decodes from both, with blanks around the digits and
// with a fraction of zeros ("10.0000"); null, "", false, [] and {} decode to 0,
// for which Null[Int] has a state of its own. A fraction, other text and what
// does not fit 64 bits are errors. It encodes as a JSON number.
type Int int64

// UnmarshalJSON implements json.Unmarshaler. On an error n keeps its value.
func (n *Int) UnmarshalJSON(b []byte) error {
	v, ok := readInteger(b)
	if !ok {
		return unreadable("Int", b)
	}
	*n = Int(v)
	return nil
}

// readInteger reads a JSON value as an integer; no value is 0.
func readInteger(b []byte) (int64, bool) {
	switch s, text := plain(b); s {
	case shapeEmpty:
		return 0, true
	case shapeNumber, shapeText:
		return parseInteger(text)
	default:
		return 0, false
	}
}

// Float is a number that the portal writes as a number or as text
// (protocol.md 3.5). It decodes from both, with blanks around the digits;
// null, "", false, [] and {} decode to 0, for which Null[Float] has a state of
// its own. NaN, infinities and what exceeds a float64 are errors in both
// directions. It encodes as a JSON number; sums of money that must keep every
// digit are better read as string or Money.
type Float float64

// UnmarshalJSON implements json.Unmarshaler. On an error f keeps its value.
func (f *Float) UnmarshalJSON(b []byte) error {
	s, text := plain(b)
	if s == shapeEmpty {
		*f = 0
		return nil
	}
	if s != shapeNumber && s != shapeText {
		return unreadable("Float", b)
	}
	if _, ok := readDecimal(text); !ok {
		return unreadable("Float", b)
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return unreadable("Float", b)
	}
	*f = Float(v)
	return nil
}

// Bool is a boolean of a classic method. It decodes from "Y", "N", "1", "0",
// "true" and "false" in any letter case, from 1, 0, true and false; null, "",
// [] and {} decode to false, for which Null[Bool] has a state of its own.
//
// It encodes as "Y" or "N", what classic methods take for the fields of a record
// (protocol.md 2.4). The portal does not translate: where a method wants JSON
// true and false, as REST 3.0 does, give it a plain bool; where it wants 1 and 0,
// give it Bit. A flag that PHP merely tests must be one of these two, because it
// takes "N" for true.
type Bool bool

// Bit returns 1 for true and 0 for false, for methods that want numbers.
func (v Bool) Bit() int {
	if v {
		return 1
	}
	return 0
}

// MarshalJSON implements json.Marshaler: "Y" or "N".
func (v Bool) MarshalJSON() ([]byte, error) {
	if v {
		return []byte(`"Y"`), nil
	}
	return []byte(`"N"`), nil
}

// UnmarshalJSON implements json.Unmarshaler. On an error v keeps its value.
func (v *Bool) UnmarshalJSON(b []byte) error {
	s, text := scalar(b)
	switch s {
	case shapeEmpty, shapeFalse:
		*v = false
	case shapeTrue:
		*v = true
	case shapeNumber, shapeText:
		truth, ok := readBool(strings.TrimSpace(string(text)))
		if !ok {
			return unreadable("Bool", b)
		}
		*v = Bool(truth)
	default:
		return unreadable("Bool", b)
	}
	return nil
}

func readBool(text string) (truth, ok bool) {
	switch {
	case text == "1", strings.EqualFold(text, "y"), strings.EqualFold(text, "true"):
		return true, true
	case text == "0", text == "", strings.EqualFold(text, "n"), strings.EqualFold(text, "false"):
		return false, true
	}
	return false, false
}
