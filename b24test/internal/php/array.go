// Package php is what the fake portal needs to know of PHP, and nothing of portals: its arrays, how it turns a value into one of another type,
// how it reads JSON, query strings and forms, and the JSON that a portal writes.
//
// A value is a string, json.Number, bool, nil or *[Array].
package php

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Array is a PHP array: values by key, in order of arrival; PHP knows neither lists nor maps besides. [NewArray], [Object] and [List] make one.
// Len, Get, Fold, All and what is built on them take a nil Array for one with nothing in it. Many goroutines may read an Array that none writes to.
type Array struct {
	// Object tells that the array came as a JSON object; only [Array.Plain] looks at it.
	Object bool
	// Exact tells that the order of the keys is meant: 0, 10, 2 is none of a list then.
	Exact bool

	keys []string
	vals map[string]any
	next int // key of the next value without one
}

// NewArray makes an array with nothing in it.
func NewArray() *Array { return &Array{vals: map[string]any{}} }

// Object makes an array of keys and values in turn, which counts as a JSON object.
func Object(pairs ...any) *Array {
	a := NewArray()
	a.Object = true
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		a.Set(key, pairs[i+1])
	}
	return a
}

// List makes an array of values with the keys from 0 on.
func List(values ...any) *Array {
	a := NewArray()
	for _, v := range values {
		a.Add(v)
	}
	return a
}

// Several is an array as it is, and any other value as the only one of an array.
func Several(v any) *Array {
	if a, ok := v.(*Array); ok {
		return a
	}
	return List(v)
}

// Len is the number of values.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.keys)
}

// Set gives key a value; a key that is there already keeps its place.
func (a *Array) Set(key string, v any) {
	if _, ok := a.vals[key]; !ok {
		a.keys = append(a.keys, key)
	}
	a.vals[key] = v
	if n, ok := Index(key); ok && n >= a.next {
		a.next = n + 1
	}
}

// Add appends; behind the highest integer there is no room, and PHP drops the value too.
func (a *Array) Add(v any) {
	if a.next >= 0 {
		a.Set(strconv.Itoa(a.next), v)
	}
}

// Get is the value of a key; false if there is none.
func (a *Array) Get(key string) (any, bool) {
	if a == nil {
		return nil, false
	}
	v, ok := a.vals[key]
	return v, ok
}

// Isset is the value of a key; false also if it is null.
func (a *Array) Isset(key string) (any, bool) {
	v, ok := a.Get(key)
	return v, ok && v != nil
}

// FirstSet is the value of the first of some keys that is there and not null.
func (a *Array) FirstSet(keys ...string) (any, bool) {
	for _, key := range keys {
		if v, ok := a.Isset(key); ok {
			return v, true
		}
	}
	return nil, false
}

// Fold finds a key whatever its letter case; of several the last counts, as in array_change_key_case.
func (a *Array) Fold(key string) (any, bool) {
	if a == nil {
		return nil, false
	}
	for _, k := range slices.Backward(a.keys) {
		if strings.EqualFold(k, key) {
			return a.vals[k], true
		}
	}
	return nil, false
}

// Inner is the value of a key if that is an array, else nil.
func (a *Array) Inner(key string) *Array {
	v, _ := a.Get(key)
	inner, _ := v.(*Array)
	return inner
}

// Text is the [Text] of the value of a key, without blanks around it.
func (a *Array) Text(key string) string {
	v, _ := a.Get(key)
	return strings.TrimSpace(Text(v))
}

// Int is the [Int] of the value of a key.
func (a *Array) Int(key string) int {
	v, _ := a.Get(key)
	return Int(v)
}

// Remove takes a key out.
func (a *Array) Remove(key string) {
	if _, ok := a.vals[key]; !ok {
		return
	}
	delete(a.vals, key)
	a.keys = slices.DeleteFunc(a.keys, func(k string) bool { return k == key })
}

// Clone is a copy that shares its values.
func (a *Array) Clone() *Array {
	c := *a
	c.keys, c.vals = slices.Clone(a.keys), maps.Clone(a.vals)
	return &c
}

// With is a copy with one value changed.
func (a *Array) With(key string, v any) *Array {
	c := a.Clone()
	c.Set(key, v)
	return c
}

// Map is an array of what f makes of the values, under the same keys.
func (a *Array) Map(f func(v any) any) *Array {
	out := NewArray()
	out.Object = a.Object
	for k, v := range a.All() {
		out.Set(k, f(v))
	}
	return out
}

// All are the keys and values in order of arrival.
func (a *Array) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if a == nil {
			return
		}
		for _, k := range a.keys {
			if !yield(k, a.vals[k]) {
				return
			}
		}
	}
}

// Values are the values in order of arrival.
func (a *Array) Values() []any {
	var vals []any
	for _, v := range a.All() {
		vals = append(vals, v)
	}
	return vals
}

// Contains tells whether f holds for a key and its value.
func (a *Array) Contains(f func(key string, v any) bool) bool {
	for k, v := range a.All() {
		if f(k, v) {
			return true
		}
	}
	return false
}

// IsList tells whether the keys are 0 to n-1. The keys of a Go map come sorted as text, 10 before 2: that order counts as theirs too.
func (a *Array) IsList() bool {
	for i := range a.keys {
		if _, ok := a.vals[strconv.Itoa(i)]; !ok {
			return false
		}
	}
	if a.Exact {
		return a.inOrder()
	}
	byNumber := func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) }
	return slices.IsSorted(a.keys) || slices.IsSortedFunc(a.keys, byNumber)
}

func (a *Array) inOrder() bool {
	for i, k := range a.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// List are the values of a list in the order of their keys.
func (a *Array) List() []any {
	vals := make([]any, len(a.keys))
	for i := range vals {
		vals[i] = a.vals[strconv.Itoa(i)]
	}
	return vals
}

// Plain is the array as Go knows it: a map for what came as an object or has other keys than 0 to n-1, else a slice.
func (a *Array) Plain() any {
	if !a.Object && a.IsList() {
		vals := a.List()
		for i, v := range vals {
			vals[i] = Plain(v)
		}
		return vals
	}
	return a.PlainMap()
}

// PlainMap is the array as a map of Go's, whatever keys it has.
func (a *Array) PlainMap() map[string]any {
	m := make(map[string]any, len(a.keys))
	for k, v := range a.vals {
		m[k] = Plain(v)
	}
	return m
}

// Plain is a value as Go knows it: a slice or map for an array.
func Plain(v any) any {
	if a, ok := v.(*Array); ok {
		return a.Plain()
	}
	return v
}

// IsArray tells whether a value is an array.
func IsArray(v any) bool {
	_, ok := v.(*Array)
	return ok
}
