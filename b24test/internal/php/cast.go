package php

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Text returns a value as JSON spells it, and a text as it is; null and arrays are empty.
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

// String is PHP's (string): true is 1, false nothing, an array the word Array.
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

// Truthy is PHP's (bool), the opposite of its empty().
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

// Int is PHP's (int): the whole number that a value begins with, else 0.
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

// Float is PHP's (float): the number that a value begins with, else 0.
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

// IntString is PHP's (int) as text.
func IntString(v any) string {
	text := String(v)
	if _, ok := Index(text); ok {
		return text
	}
	return strconv.Itoa(Int(v))
}

// FloatString returns the number that the [String] of a value begins with, else 0.
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

// Index returns the integer as which PHP would store a key: 7 and -7, but not 07.
func Index(key string) (int, bool) {
	if key == "" || key[0] > '9' {
		return 0, false // as of most keys
	}
	n, err := strconv.Atoi(key)
	return n, err == nil && strconv.Itoa(n) == key
}

// IsTime reports whether PHP would find a moment in a value.
func IsTime(v any) bool {
	text, ok := v.(string)
	return ok && (strings.ContainsAny(text, "0123456789") ||
		slices.Contains([]string{"now", "today", "tomorrow", "yesterday", "midnight", "noon"}, strings.ToLower(text)))
}
