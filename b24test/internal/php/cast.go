package php

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Text returns a text as it is, and any other value as JSON spells it; null and arrays become the
// empty text.
func Text(v any) string {
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

// String is PHP's (string): true becomes 1, false the empty text, an array the word Array.
func String(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return ""
	case *Array:
		return "Array"
	}
	return Text(v)
}

// Truthy is PHP's (bool), the opposite of empty().
func Truthy(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != "" && v != "0"
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case *Array:
		return v.Len() > 0
	}
	return v != nil
}

// Int is PHP's (int): the whole number at the beginning of a value, otherwise 0.
func Int(v any) int {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case json.Number:
		return leadingInt(v.String())
	case string:
		return leadingInt(strings.TrimSpace(v))
	case *Array:
		return min(v.Len(), 1)
	}
	return 0
}

func leadingInt(s string) int {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[end] == '-' || s[end] == '+')) {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 0
	}
	return n
}

// Float is PHP's (float): the number at the beginning of a value, otherwise 0.
func Float(v any) json.Number {
	switch v := v.(type) {
	case json.Number:
		return v
	case string:
		return leadingNumber(strings.TrimSpace(v))
	}
	return Number(Int(v))
}

func leadingNumber(s string) json.Number {
	for end := len(s); end > 0; end-- {
		if _, ok := ParseNumeric(s[:end]); ok {
			return json.Number(s[:end])
		}
	}
	return "0"
}

// IntString is PHP's (int) as a text.
func IntString(v any) string {
	text := String(v)
	if _, ok := Index(text); ok {
		return text
	}
	return strconv.Itoa(Int(v))
}

// FloatString returns the number at the beginning of the [String] of a value, otherwise 0.
func FloatString(v any) string { return leadingNumber(strings.TrimSpace(String(v))).String() }

// IsNumeric is PHP's is_numeric.
func IsNumeric(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return true
	case string:
		_, ok := ParseNumeric(strings.TrimSpace(v))
		return ok
	}
	return false
}

// Index returns the integer that PHP would store a key as: 7 and -7, but not 07.
func Index(key string) (int, bool) {
	if key == "" || key[0] > '9' {
		return 0, false // true of most keys
	}
	n, err := strconv.Atoi(key)
	return n, err == nil && strconv.Itoa(n) == key
}
