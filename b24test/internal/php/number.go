package php

import (
	"cmp"
	"encoding/json"
	"strconv"
)

// Number returns a whole number as a value.
func Number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// Decimal returns a number as a value, without an exponent.
func Decimal(f float64) json.Number { return json.Number(strconv.FormatFloat(f, 'f', -1, 64)) }

// Numeric is a number that keeps large integers exact.
type Numeric struct {
	whole bool
	i     int64
	f     float64
}

// ParseNumeric parses a number without surrounding white space; false if the text is not one.
func ParseNumeric(s string) (Numeric, bool) {
	if s == "" || s[0] > '9' {
		return Numeric{}, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Numeric{whole: true, i: i, f: float64(i)}, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return Numeric{f: f}, err == nil
}

// Float returns the number as a float.
func (n Numeric) Float() float64 { return n.f }

// Shortest returns the number in its shortest form: 100 for 100.00.
func (n Numeric) Shortest() json.Number {
	if n.whole {
		return json.Number(strconv.FormatInt(n.i, 10))
	}
	return Decimal(n.f)
}

// Compare orders two numbers: -1, 0 or 1.
func (n Numeric) Compare(m Numeric) int {
	if n.whole && m.whole {
		return cmp.Compare(n.i, m.i)
	}
	return cmp.Compare(n.f, m.f)
}
