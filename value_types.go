package b24

import (
	"fmt"
	"strconv"
	"strings"
)

// ID identifies a record. Classic methods send identifiers as text, newer ones as numbers or text,
// and some identifiers are not numbers ("CO_1", "chat15").
//
// It decodes from a JSON string unchanged, and exactly from a JSON number of any size: 12.0 and 1e3
// become "12" and "1000", and a number that is not whole stays as written. It encodes as a JSON
// string, which the portal accepts wherever it accepts a number. The zero value "" means no
// identifier: null, "", false, [] and {} decode to it; 0 decodes to "0".
type ID string

// IDOf returns n as an identifier.
func IDOf(n int64) ID { return ID(strconv.FormatInt(n, 10)) }

// Int64 returns the identifier as a number. It is an error if the identifier is empty, is not a
// whole decimal number or does not fit 64 bits.
func (id ID) Int64() (int64, error) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("b24: ID: %q is not a 64-bit number", clip([]byte(id)))
	}
	return n, nil
}

// IsZero reports whether the identifier is empty. "0" is not.
func (id ID) IsZero() bool { return id == "" }

// IsSet reports whether the identifier leads to a record: it is neither empty nor "0", which the
// portal writes for no record.
func (id ID) IsSet() bool { return id != "" && id != "0" }

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

// Int is a whole number that the portal writes as a number or as text. It decodes from both, with
// blanks around the digits and with a fraction of zeros ("10.0000"); null, "", false, [] and {}
// decode to 0; use Null[Int] to distinguish them. A fraction, other text and a number beyond 64
// bits are errors. It encodes as a JSON number.
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

// Float is a number that the portal writes as a number or as text. It decodes from both, with
// blanks around the digits; null, "", false, [] and {} decode to 0; use Null[Float] to distinguish
// them. NaN, infinities and numbers that exceed a float64 are errors in both directions. It encodes
// as a JSON number. Read amounts of money that must keep every digit as a string or [Money].
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

// Bool is a boolean of a classic method. It decodes from "Y", "N", "1", "0", "true" and "false" in
// any letter case, from 1, 0, true and false; null, "", [] and {} decode to false; use Null[Bool]
// to distinguish them.
//
// It encodes as "Y" or "N", which classic methods expect in the fields of a record. The portal does
// not convert: use a plain bool if a method expects JSON true and false, as REST 3.0 does, and
// [Bool.Bit] if it expects 1 and 0. A flag that PHP only tests for truth must be one of these two,
// because PHP takes "N" for true.
type Bool bool

// Bit returns 1 for true and 0 for false, for methods that expect numbers.
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
