package b24test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// text returns a value as a classic method does: numbers as text.
func text(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case *php.Array:
		return v.Map(text)
	}
	return v
}

// isEmpty reports whether a filter for the empty value finds v.
func isEmpty(v any) bool {
	a, ok := v.(*php.Array)
	return v == nil || v == "" || v == false || ok && a.Len() == 0
}

// compare orders two values as a database does: numbers by size, times by instant, anything else as
// text in any letter case.
func compare(a, b any) int {
	x, y := php.Text(a), php.Text(b)
	if fx, ok := php.ParseNumeric(x); ok {
		if fy, ok := php.ParseNumeric(y); ok {
			return fx.Compare(fy)
		}
	}
	if tx, err := time.Parse(time.RFC3339, x); err == nil {
		if ty, err := time.Parse(time.RFC3339, y); err == nil {
			return tx.Compare(ty)
		}
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

// equal reports whether the value of a row matches the value in a filter: true also matches Y and
// 1, all empty values are equal, and false matches those, N and 0. A false in the row is an empty
// value.
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
	s := strings.ToUpper(php.Text(v))
	return s == "Y" || s == "1" || s == "TRUE"
}
