package b24test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// predicate is what a condition requires of the value of a field.
type predicate struct {
	one  func(v any) bool // for a value that exists
	not  bool             // no value may match
	null bool             // the result for a row without a value
	bare bool             // an empty text does not count as a value
}

func (p predicate) match(v any) bool {
	list, isList := v.(*php.Array)
	switch {
	case v == nil, isList && list.Len() == 0, p.bare && v == "":
		return p.null
	case isList:
		return anyOf(list, p.one) != p.not
	}
	return p.one(v) != p.not
}

// orBlank returns a predicate that a row without a value meets too, or never if not is set; use is
// false if the predicate itself is no condition.
//
//nolint:revive // flag-parameter: they are what an operator says
func (p predicate) orBlank(k kind, use, not bool) predicate {
	one := func(v any) bool {
		met := not
		if use {
			met = p.one(v) != p.not
		}
		if not {
			return met && !k.isBlankValue(v)
		}
		return met || k.isBlankValue(v)
	}
	return predicate{one: one, null: !not, bare: p.bare}
}

// isBlankValue reports whether the value of a row means "nothing": 0, or an empty text.
func (k kind) isBlankValue(v any) bool { return v == "" || k.isNumber() && isZero(v) }

func never(any) bool { return false }

// anyOf tries each of several values; a phone or e-mail is compared by its VALUE.
func anyOf(list *php.Array, match func(any) bool) bool {
	for _, v := range list.All() {
		if inner, ok := v.(*php.Array); ok {
			v, _ = inner.Fold("value")
		}
		if match(v) {
			return true
		}
	}
	return false
}

// kind is the kind of values that a field has. A portal knows it from the table in the database;
// the fake derives it from the documentation and the seeded rows.
type kind int

const (
	kindUnknown kind = iota
	kindNumber       // whole
	kindFloat
	kindFlag // Y or N
	kindText
)

func (k kind) isNumber() bool { return k == kindNumber || k == kindFloat }

// isBlank reports whether a wanted value means "nothing".
func (k kind) isBlank(want any) bool { return want == "" || k.isNumber() && isZero(want) }

func kindOf(v any) kind {
	switch v := v.(type) {
	case json.Number:
		if strings.Contains(v.String(), ".") {
			return kindFloat
		}
		return kindNumber
	case bool:
		return kindFlag
	case string:
		if v == "Y" || v == "N" {
			return kindFlag
		}
		return kindText
	case *php.Array:
		for _, inner := range v.All() {
			return kindOf(inner)
		}
	}
	return kindUnknown
}

// with returns the kind of a field that holds values of both kinds.
func (k kind) with(other kind) kind {
	switch {
	case k == kindUnknown || k == other:
		return other
	case other == kindUnknown:
		return k
	case k.isNumber() && other.isNumber():
		return kindFloat
	}
	return kindText
}

// kind returns the kind of a trait.
func (t trait) kind() kind {
	switch {
	case t.fraction:
		return kindFloat
	case t.whole:
		return kindNumber
	case t.flag:
		return kindFlag
	}
	return kindUnknown
}

// wanted returns the values of a condition, as PHP casts them for a field: to numbers, or to text
// with true as 1 and false and null as the empty text.
func wanted(value any, k kind) []any {
	list := []any{value}
	if a, ok := value.(*php.Array); ok {
		list = list[:0]
		for _, v := range a.All() {
			list = append(list, v)
		}
	}
	for i, v := range list {
		if k.isNumber() {
			list[i] = php.Float(v)
			continue
		}
		list[i] = toText(v)
	}
	return list
}

// toText is PHP's (string).
func toText(v any) string {
	if b, ok := v.(bool); ok {
		if b {
			return "1"
		}
		return ""
	}
	return php.Text(v)
}

func isZero(v any) bool {
	n, ok := php.ParseNumeric(php.Text(v))
	return ok && n.Float() == 0
}

// stored returns the value of a row as the database has it: true and false are Y and N.
func stored(v any) any {
	if b, ok := v.(bool); ok {
		if b {
			return "Y"
		}
		return "N"
	}
	return v
}

// isOneOf is SQL's IN.
func isOneOf(wants []any) func(any) bool {
	return func(v any) bool {
		v = stored(v)
		return slices.ContainsFunc(wants, func(w any) bool { return compare(v, w) == 0 })
	}
}

// isSize reports whether an operator compares by size.
func isSize(op string) bool { return op == ">" || op == ">=" || op == "<" || op == "<=" }

// isBy compares by size, or for equality.
func isBy(op string, want any) func(any) bool {
	return func(v any) bool { return holds(op, compare(stored(v), want)) }
}

// holds reports whether an operator holds for two values that compare as n; an unknown operator
// means equality.
func holds(op string, n int) bool {
	switch op {
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case "!=":
		return n != 0
	}
	return n == 0
}

// isBetween is SQL's BETWEEN the first two of the values.
func isBetween(wants []any) func(any) bool {
	return func(v any) bool {
		v = stored(v)
		return compare(v, wants[0]) >= 0 && compare(v, wants[1]) <= 0
	}
}

// isLike is SQL's LIKE one of the patterns, with around, which is % or empty, on both sides of
// each; letter case does not matter.
func isLike(patterns []any, around string) func(any) bool {
	split := make([][]string, len(patterns))
	for i, p := range patterns {
		text := strings.ToLower(php.Text(p))
		if text != "" { // the empty text is compared as it is
			text = around + text + around
		}
		split[i] = strings.Split(text, "%")
	}
	return func(v any) bool {
		text := strings.ToLower(php.Text(stored(v)))
		return slices.ContainsFunc(split, func(parts []string) bool { return matchParts(text, parts) })
	}
}

// matchParts matches a text that begins with the first part, ends with the last and has the others
// between, in order.
func matchParts(s string, parts []string) bool {
	if len(parts) == 1 {
		return s == parts[0]
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, s, ok = strings.Cut(s, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(s, parts[last])
}

// isAnyBy compares with each of the values; one is enough.
func isAnyBy(op string, wants []any) func(any) bool {
	return func(v any) bool {
		return slices.ContainsFunc(wants, func(w any) bool { return isBy(op, w)(v) })
	}
}
