package b24test

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// truthy is PHP's idea of a value that is not empty.
func truthy(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != "" && v != "0"
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case *array:
		return v.len() > 0
	}
	return v != nil
}

// text is a value as a classic method tells it: numbers as text.
func text(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case *array:
		out := newArray()
		out.object = v.object
		for k, inner := range v.all() {
			out.set(k, text(inner))
		}
		return out
	}
	return v
}

// isEmpty tells whether a filter for the empty value finds v.
func isEmpty(v any) bool {
	a, ok := v.(*array)
	return v == nil || v == "" || v == false || ok && a.len() == 0
}

// compare orders two values as a database does: numbers by size, times by instant, all else as text whatever its letter case.
func compare(a, b any) int {
	x, y := scalar(a), scalar(b)
	if fx, ok := parseNumber(x); ok {
		if fy, ok := parseNumber(y); ok {
			return fx.compare(fy)
		}
	}
	if tx, err := time.Parse(time.RFC3339, x); err == nil {
		if ty, err := time.Parse(time.RFC3339, y); err == nil {
			return tx.Compare(ty)
		}
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

// equal tells whether the value of a row is what a filter asks for: true is also Y and 1, the empty values are one, and false asks for those, for N and
// for 0. A row's own false is an empty value.
func equal(value, want any) bool {
	switch {
	case value == true:
		return isYes(want)
	case want == true:
		return isYes(value)
	case want == false && (value == "N" || value == json.Number("0")):
		return true
	case isEmpty(value) || isEmpty(want):
		return isEmpty(value) && isEmpty(want)
	}
	return compare(value, want) == 0
}

func isYes(v any) bool {
	s := strings.ToUpper(scalar(v))
	return s == "Y" || s == "1" || s == "TRUE"
}

// scalar is a value as text.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// numeric is a number that keeps big integers exact.
type numeric struct {
	whole bool
	i     int64
	f     float64
}

func parseNumber(s string) (numeric, bool) {
	if s == "" || s[0] > '9' {
		return numeric{}, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return numeric{whole: true, i: i, f: float64(i)}, true
	}
	f, err := strconv.ParseFloat(s, 64)
	return numeric{f: f}, err == nil
}

// json is the number in its shortest form: 100 for 100.00.
func (n numeric) json() json.Number {
	if n.whole {
		return json.Number(strconv.FormatInt(n.i, 10))
	}
	return float(n.f)
}

func (n numeric) compare(m numeric) int {
	if n.whole && m.whole {
		return cmp.Compare(n.i, m.i)
	}
	return cmp.Compare(n.f, m.f)
}
