package b24test

import (
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// array is a PHP array: values by key, in order of arrival; PHP knows neither lists nor maps besides.
// A value is a string, json.Number, bool, nil or *array.
type array struct {
	keys   []string
	vals   map[string]any
	object bool // arrived as a JSON object
	exact  bool // the order of the keys is meant: 0, 10, 2 is none of a list
	next   int  // key of the next value without one
}

func newArray() *array { return &array{vals: map[string]any{}} }

func (a *array) len() int { return len(a.keys) }

// set gives key a value; a key that is there already keeps its place.
func (a *array) set(key string, v any) {
	if _, ok := a.vals[key]; !ok {
		a.keys = append(a.keys, key)
	}
	a.vals[key] = v
	if n, ok := index(key); ok && n >= a.next {
		a.next = n + 1
	}
}

// add appends; behind the highest integer there is no room, and PHP drops the value too.
func (a *array) add(v any) {
	if a.next >= 0 {
		a.set(strconv.Itoa(a.next), v)
	}
}

func (a *array) get(key string) (any, bool) {
	v, ok := a.vals[key]
	return v, ok
}

// fold finds a key whatever its letter case; of several the last counts, as in array_change_key_case.
func (a *array) fold(key string) (any, bool) {
	for _, k := range slices.Backward(a.keys) {
		if strings.EqualFold(k, key) {
			return a.vals[k], true
		}
	}
	return nil, false
}

func (a *array) remove(key string) {
	if _, ok := a.vals[key]; !ok {
		return
	}
	delete(a.vals, key)
	a.keys = slices.DeleteFunc(a.keys, func(k string) bool { return k == key })
}

// clone is a copy that shares its values.
func (a *array) clone() *array {
	c := *a
	c.keys, c.vals = slices.Clone(a.keys), maps.Clone(a.vals)
	return &c
}

// with is a copy with one value changed.
func (a *array) with(key string, v any) *array {
	c := a.clone()
	c.set(key, v)
	return c
}

func (a *array) all() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, k := range a.keys {
			if !yield(k, a.vals[k]) {
				return
			}
		}
	}
}

// entries is all of an array that may be nil.
func (a *array) entries() iter.Seq2[string, any] {
	if a == nil {
		return func(func(string, any) bool) {}
	}
	return a.all()
}

// values are the values of an array that may be nil, in order of arrival.
func (a *array) values() []any {
	var vals []any
	for _, v := range a.entries() {
		vals = append(vals, v)
	}
	return vals
}

// text is a value of an array that may be nil, as text without blanks around it.
func (a *array) text(key string) string {
	v, _ := a.lookup(key)
	return strings.TrimSpace(scalar(v))
}

// number is a value of an array that may be nil, as a number.
func (a *array) number(key string) int {
	v, _ := a.lookup(key)
	return intval(v)
}

// isList tells whether the keys are 0 to n-1. The keys of a Go map come sorted as text, 10 before 2: that order counts as theirs too.
func (a *array) isList() bool {
	for i := range a.keys {
		if _, ok := a.vals[strconv.Itoa(i)]; !ok {
			return false
		}
	}
	if a.exact {
		return a.inOrder()
	}
	byNumber := func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) }
	return slices.IsSorted(a.keys) || slices.IsSortedFunc(a.keys, byNumber)
}

func (a *array) inOrder() bool {
	for i, k := range a.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// list are the values of a list in the order of their keys.
func (a *array) list() []any {
	vals := make([]any, len(a.keys))
	for i := range vals {
		vals[i] = a.vals[strconv.Itoa(i)]
	}
	return vals
}

// plain is the array as Go knows it: a map for what arrived as an object or has other keys than 0 to n-1, else a slice.
func (a *array) plain() any {
	if !a.object && a.isList() {
		vals := a.list()
		for i, v := range vals {
			vals[i] = plain(v)
		}
		return vals
	}
	return a.plainMap()
}

func (a *array) plainMap() map[string]any {
	m := make(map[string]any, len(a.keys))
	for k, v := range a.vals {
		m[k] = plain(v)
	}
	return m
}

func plain(v any) any {
	if a, ok := v.(*array); ok {
		return a.plain()
	}
	return v
}

// index reads a key that PHP would store as an integer: 7 and -7, but not 07.
func index(key string) (int, bool) {
	if key == "" || key[0] > '9' {
		return 0, false // as of most keys
	}
	n, err := strconv.Atoi(key)
	return n, err == nil && strconv.Itoa(n) == key
}

// intval is PHP's: the number a value begins with, else 0.
func intval(v any) int {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case json.Number:
		return leadingInt(v.String())
	case string:
		return leadingInt(strings.TrimSpace(v))
	case *array:
		return min(v.len(), 1)
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
