package b24

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/b24go/b24/internal/redact"
)

// shape is how the portal wrote a single value.
type shape int

const (
	shapeOther  shape = iota // a non-empty list or object, or not JSON
	shapeEmpty               // null, "", [] or {}: no value (docs/protocol.md 3.5)
	shapeFalse               // false: no value, unless a boolean is wanted
	shapeTrue                // true
	shapeNumber              // the text is the number as written
	shapeText                // the text is the unquoted string
)

// scalar parses a JSON value that should be a single one. The text may share memory with b.
func scalar(b []byte) (shape, []byte) {
	b = trimBlanks(b)
	if len(b) == 0 {
		return shapeOther, nil
	}
	switch c := b[0]; {
	case c == '"':
		return quoted(b)
	case c == '-' || isDigit(c):
		return shapeNumber, b
	case string(b) == "null", isHollow(b):
		return shapeEmpty, nil
	case string(b) == "false":
		return shapeFalse, nil
	case string(b) == "true":
		return shapeTrue, nil
	}
	return shapeOther, nil
}

// quoted parses a JSON string. Almost all are plain ASCII without escapes and need no decoder.
func quoted(b []byte) (shape, []byte) {
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"' && i == len(b)-1:
			return textShape(b[1:i])
		case c == '"' || c == '\\' || c < ' ' || c > '~':
			return unquoted(b)
		}
	}
	return shapeOther, nil
}

func unquoted(b []byte) (shape, []byte) {
	var s string
	// As encoding/json does, replaces invalid UTF-8 by U+FFFD.
	if json.Unmarshal(b, &s, jsonv1.DefaultOptionsV1()) != nil {
		return shapeOther, nil
	}
	return textShape([]byte(s))
}

func textShape(s []byte) (shape, []byte) {
	if len(s) == 0 {
		return shapeEmpty, nil
	}
	return shapeText, s
}

// isHollow reports whether b is [] or {}.
func isHollow(b []byte) bool {
	n := len(b)
	if n < 2 || b[0] != '[' && b[0] != '{' || b[n-1] != b[0]+2 { // '[' + 2 == ']', '{' + 2 == '}'
		return false
	}
	return len(trimBlanks(b[1:n-1])) == 0
}

// plain is scalar for types that are not boolean: false means no value, so does a blank text, and
// blanks around a text are ignored.
func plain(b []byte) (shape, []byte) {
	s, text := scalar(b)
	switch s {
	case shapeFalse:
		return shapeEmpty, nil
	case shapeText:
		return textShape(trimBlanks(text))
	default:
		return s, text
	}
}

// unreadable returns the error of every decoder in this file.
func unreadable(typ string, value []byte) error {
	return fmt.Errorf("b24: %s: cannot read %s", typ, clip(value))
}

// clip shortens a value of the portal for an error text: one line, 40 characters. What looks like a
// secret is masked before. Secrets that a client knows are masked later; one that was cut is
// recognized by the ellipsis behind it.
func clip(value []byte) string {
	const most, enough = 40, 4096
	head := []rune(redact.Text(string(value[:min(len(value), enough)])))
	text := string(head[:min(len(head), most)])
	if len(head) > most || len(value) > enough {
		text += "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// decimal is a number in its written parts.
type decimal struct {
	negative bool
	whole    []byte // digits before the point
	fraction []byte // digits after the point
	exponent int
}

// readDecimal accepts what JSON and PHP write as a number, also "+5" and ".5", but not the
// additional forms of strconv: hexadecimal, underscores, Inf.
func readDecimal(b []byte) (decimal, bool) {
	var d decimal
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		d.negative = b[0] == '-'
		b = b[1:]
	}
	d.whole, b = leadingDigits(b)
	if len(b) > 0 && b[0] == '.' {
		d.fraction, b = leadingDigits(b[1:])
	}
	if len(d.whole)+len(d.fraction) == 0 {
		return decimal{}, false
	}
	if len(b) == 0 {
		return d, true
	}
	if b[0] != 'e' && b[0] != 'E' {
		return decimal{}, false
	}
	return d.withExponent(b[1:])
}

func (d decimal) withExponent(b []byte) (decimal, bool) {
	digits := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		digits = b[1:]
	}
	if run, rest := leadingDigits(digits); len(run) == 0 || len(rest) > 0 {
		return decimal{}, false
	}
	e, err := strconv.ParseInt(string(b), 10, 32)
	if err != nil { // out of range: ParseInt gives the nearest bound
		e = max(min(e, math.MaxInt32), math.MinInt32)
	}
	d.exponent = int(e)
	return d, true
}

func leadingDigits(b []byte) (digits, rest []byte) {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return b[:n], b[n:]
}

// integer returns the number as plain digits, exactly, if it is whole and has at most 64 digits:
// 12.0 -> "12", 1e3 -> "1000", -0 -> "0".
func (d decimal) integer() (string, bool) {
	const most = 64
	digits := string(d.whole) + string(d.fraction)
	significant := strings.TrimLeft(digits, "0")
	if significant == "" {
		return "0", true
	}
	point := len(d.whole) + d.exponent - (len(digits) - len(significant)) // position of the point in significant
	significant = strings.TrimRight(significant, "0")
	if point < len(significant) || point > most {
		return "", false
	}
	text := significant + strings.Repeat("0", point-len(significant))
	if d.negative {
		text = "-" + text
	}
	return text, true
}

// smallInteger parses an integer of at most 18 digits, which covers nearly all.
func smallInteger(b []byte) (int64, bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// parseInteger parses a whole number that fits 64 bits, in any spelling of readDecimal.
func parseInteger(b []byte) (int64, bool) {
	if n, ok := smallInteger(b); ok {
		return n, true
	}
	d, ok := readDecimal(b)
	if !ok {
		return 0, false
	}
	text, ok := d.integer()
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

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
