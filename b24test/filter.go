package b24test

import (
	"slices"
	"strings"
)

// condition is one entry of a filter, or with inner a group of entries.
type condition struct {
	field  string
	op     string
	value  any
	inner  []condition
	either bool // one of inner is enough
	open   bool // a row without the field is found too
}

// splitKey takes the operator off a filter key: ">=ID" is ">=" and "ID".
func splitKey(key string) (op, name string) {
	for _, op := range []string{"!=%", "!><", "!%", "!@", "!=", ">=", "<=", "=%", "%=", "><", "=", "!", ">", "<", "%", "@"} {
		if name, ok := strings.CutPrefix(key, op); ok {
			return op, name
		}
	}
	return "", key
}

// conditions reads a filter. A key that is a number holds a group, which its own key logic may turn into alternatives.
func (s *store) conditions(filter *array) (list []condition, err error) {
	for key, value := range filter.all() {
		if inner, ok := value.(*array); ok && isGroup(key) {
			conds, err := s.conditions(inner)
			if err != nil {
				return nil, err
			}
			logic, _ := inner.fold("logic")
			list = append(list, condition{inner: conds, either: strings.EqualFold(scalar(logic), "OR")})
			continue
		}
		if strings.EqualFold(key, "logic") {
			continue
		}
		c, use, err := s.condition(key, value)
		if err != nil {
			return nil, err
		}
		if use {
			list = append(list, c)
		}
	}
	return list, nil
}

// condition reads one entry of a filter; use is false where the portal ignores it.
func (s *store) condition(key string, value any) (c condition, use bool, err error) {
	op, name := splitKey(key)
	if op != "" && s.fam.operators != nil && !slices.Contains(s.fam.operators, op) {
		if s.fam.unknown == unknownWrong {
			err = badRequest("ERROR_ARGUMENT", "Filter operation not allowed: "+op)
		}
		return condition{}, false, err
	}
	field, use, err := s.known(name, "filter")
	if op != "" && s.fam.equal || s.fam.filterable != nil && !slices.Contains(s.fam.filterable, field) {
		use = false
	}
	return condition{field: field, op: op, value: value}, use, err
}

func isGroup(key string) bool {
	_, ok := index(key)
	return ok
}

func matchAll(row map[string]any, list []condition) bool {
	return !slices.ContainsFunc(list, func(c condition) bool { return !c.match(row) })
}

func (c condition) match(row map[string]any) bool {
	if c.inner != nil {
		if c.either {
			return slices.ContainsFunc(c.inner, func(c condition) bool { return c.match(row) })
		}
		return matchAll(row, c.inner)
	}
	value := row[c.field]
	if c.open && isEmpty(value) {
		return true
	}
	switch c.op {
	case "", "=", "@":
		return in(value, c.value)
	case "!", "!=", "!@":
		return !in(value, c.value)
	case ">", ">=", "<", "<=":
		return c.bounds(value)
	case "%":
		return like(value, c.value, "%")
	case "=%", "%=":
		return like(value, c.value, "")
	case "!%":
		return !like(value, c.value, "%")
	case "!=%":
		return !like(value, c.value, "")
	case "><":
		return c.between(value)
	case "!><":
		return !c.between(value)
	}
	return true
}

func (c condition) between(value any) bool {
	low, high := ends(c.value)
	return !isEmpty(value) && compare(value, low) >= 0 && compare(value, high) <= 0
}

// bounds compares by size. A list or map as the bound makes the condition void: what a portal does with one is up to each method,
// and this is the worst a caller can meet.
func (c condition) bounds(value any) bool {
	if _, ok := c.value.(*array); ok {
		return true
	}
	if value == nil || value == "" {
		return false
	}
	n := compare(value, c.value)
	switch c.op {
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	case "<":
		return n < 0
	default:
		return n <= 0
	}
}

// in tells whether a value, or one of several, is the wanted one or one of the wanted.
func in(value, want any) bool {
	if list, ok := want.(*array); ok {
		for _, w := range list.all() {
			if in(value, w) {
				return true
			}
		}
		return false
	}
	return anyOf(value, func(v any) bool { return equal(v, want) })
}

// anyOf tries a value, or each of a multiple one; a phone or e-mail counts by its VALUE.
func anyOf(value any, match func(any) bool) bool {
	list, ok := value.(*array)
	if !ok || list.len() == 0 {
		return match(value)
	}
	for _, v := range list.all() {
		if inner, ok := v.(*array); ok {
			v, _ = inner.fold("value")
		}
		if match(v) {
			return true
		}
	}
	return false
}

// like is SQL's LIKE with % around the pattern put in by around; letter case does not matter.
func like(value, pattern any, around string) bool {
	if list, ok := pattern.(*array); ok {
		for _, p := range list.all() {
			if like(value, p, around) {
				return true
			}
		}
		return false
	}
	parts := strings.Split(strings.ToLower(around+scalar(pattern)+around), "%")
	return anyOf(value, func(v any) bool { return matchParts(strings.ToLower(scalar(v)), parts) })
}

// matchParts matches a text that begins with the first part, ends with the last and has the others between, in order.
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

func ends(v any) (low, high any) {
	list, ok := v.(*array)
	if !ok {
		return v, v
	}
	low, _ = list.get("0")
	high, _ = list.get("1")
	return low, high
}
