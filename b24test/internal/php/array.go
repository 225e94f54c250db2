// Package php implements the parts of PHP that the fake portal needs, and nothing specific to
// portals: arrays, conversions between types, reading of JSON, query strings and forms, and JSON as
// a portal writes it.
//
// A value is a string, json.Number, bool, nil or [*Array].
package php

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Array is a PHP array: values by key, in order of arrival. PHP has no separate lists or maps.
// [NewArray], [Object] and [List] return one. [Array.Len], [Array.Get], [Array.Fold], [Array.All]
// and the methods built on them treat a nil Array as empty. An Array may be read concurrently while
// nothing writes to it.
type Array struct {
	// Object reports that the array came as a JSON object. Only [Array.Plain] reads it.
	Object bool
	// Exact means that the order of the keys matters: with 0, 1, 10, 2 and so on the array is not a
	// list then.
	Exact bool

	keys []string
	vals map[string]any
	next int // key of the next value without one
}

// NewArray returns an empty array.
func NewArray() *Array { return &Array{vals: map[string]any{}} }

// Object returns an array of alternating keys and values, which counts as a JSON object.
func Object(pairs ...any) *Array {
	a := NewArray()
	a.Object = true
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		a.Set(key, pairs[i+1])
	}
	return a
}

// List returns an array of values with the keys from 0 on.
func List(values ...any) *Array {
	a := NewArray()
	for _, v := range values {
		a.Add(v)
	}
	return a
}

// Several returns an array unchanged, and any other value as the only element of an array.
func Several(v any) *Array {
	if a, ok := v.(*Array); ok {
		return a
	}
	return List(v)
}

// Len returns the number of values.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.keys)
}

// Set gives key a value; an existing key keeps its position.
func (a *Array) Set(key string, v any) {
	if _, ok := a.vals[key]; !ok {
		a.keys = append(a.keys, key)
	}
	a.vals[key] = v
	if n, ok := Index(key); ok && n >= a.next {
		a.next = n + 1
	}
}

// Add appends a value. After the highest integer there is no key left, and the value is dropped, as
// PHP does.
func (a *Array) Add(v any) {
	if a.next >= 0 {
		a.Set(strconv.Itoa(a.next), v)
	}
}

// Get returns the value of a key; false if the key is missing.
func (a *Array) Get(key string) (any, bool) {
	if a == nil {
		return nil, false
	}
	v, ok := a.vals[key]
	return v, ok
}

// Isset returns the value of a key; false if the key is missing or the value is null.
func (a *Array) Isset(key string) (any, bool) {
	v, ok := a.Get(key)
	return v, ok && v != nil
}

// FirstSet returns the value of the first of the keys for which [Array.Isset] is true.
func (a *Array) FirstSet(keys ...string) (any, bool) {
	for _, key := range keys {
		if v, ok := a.Isset(key); ok {
			return v, true
		}
	}
	return nil, false
}

// Fold returns the value of a key in any letter case. If several keys match, the last one counts,
// as in array_change_key_case.
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

// Inner returns the value of a key if it is an array, otherwise nil.
func (a *Array) Inner(key string) *Array {
	v, _ := a.Get(key)
	inner, _ := v.(*Array)
	return inner
}

// Text returns the value of a key as [Text], without surrounding white space.
func (a *Array) Text(key string) string {
	v, _ := a.Get(key)
	return strings.TrimSpace(Text(v))
}

// Int returns the value of a key as [Int].
func (a *Array) Int(key string) int {
	v, _ := a.Get(key)
	return Int(v)
}

// Remove deletes a key.
func (a *Array) Remove(key string) {
	if _, ok := a.vals[key]; !ok {
		return
	}
	delete(a.vals, key)
	a.keys = slices.DeleteFunc(a.keys, func(k string) bool { return k == key })
}

// Clone returns a copy that shares its values.
func (a *Array) Clone() *Array {
	c := *a
	c.keys, c.vals = slices.Clone(a.keys), maps.Clone(a.vals)
	return &c
}

// With returns a copy with one value changed.
func (a *Array) With(key string, v any) *Array {
	c := a.Clone()
	c.Set(key, v)
	return c
}

// Map returns an array of the results of f for the values, under the same keys.
func (a *Array) Map(f func(v any) any) *Array {
	out := NewArray()
	out.Object = a.Object
	for k, v := range a.All() {
		out.Set(k, f(v))
	}
	return out
}

// All yields the keys and values in order of arrival.
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

// Values returns the values in order of arrival.
func (a *Array) Values() []any {
	var vals []any
	for _, v := range a.All() {
		vals = append(vals, v)
	}
	return vals
}

// Contains reports whether f is true of a key and its value.
func (a *Array) Contains(f func(key string, v any) bool) bool {
	for k, v := range a.All() {
		if f(k, v) {
			return true
		}
	}
	return false
}

// IsList reports whether the keys are 0 to n-1. The keys of a Go map are sorted as text, 10 before
// 2; unless Exact is set, that order counts as well.
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

// List returns the values of a list in the order of their keys.
func (a *Array) List() []any {
	vals := make([]any, len(a.keys))
	for i := range vals {
		vals[i] = a.vals[strconv.Itoa(i)]
	}
	return vals
}

// Plain returns the array as a Go value: a map if it came as an object or is not a list, otherwise
// a slice.
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

// PlainMap returns the array as a Go map, whatever its keys.
func (a *Array) PlainMap() map[string]any {
	m := make(map[string]any, len(a.keys))
	for k, v := range a.vals {
		m[k] = Plain(v)
	}
	return m
}

// Plain returns a value as a Go value: a slice or map for an array.
func Plain(v any) any {
	if a, ok := v.(*Array); ok {
		return a.Plain()
	}
	return v
}

// IsArray reports whether a value is an array.
func IsArray(v any) bool {
	_, ok := v.(*Array)
	return ok
}
