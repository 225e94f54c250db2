package b24

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/b24go/b24/internal/codec"
	"github.com/b24go/b24/internal/jsonwalk"
)

// decodeInto decodes a part of an answer. PHP writes an empty object as [] (docs/protocol.md 3.5).
func decodeInto(raw []byte, v any) error {
	if string(raw) == "[]" && isPlainStruct(v) {
		return nil
	}
	if err := codec.Unmarshal(raw, v); err != nil {
		return advised(err)
	}
	return unfound(raw, v, (*fieldSet).anyEmpty)
}

// advised adds to an error the type that reads what PHP writes in the place of another value
// (docs/protocol.md 3.5).
func advised(err error) error {
	te, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || te.Type == nil {
		return err
	}
	kind := te.Type.Kind()
	switch {
	case te.Value == "string" && kind >= reflect.Int && kind <= reflect.Uint64:
		return fmt.Errorf("%w; b24.ID and b24.Int read numbers in quotes", err)
	case te.Value == "string" && (kind == reflect.Float32 || kind == reflect.Float64):
		return fmt.Errorf("%w; b24.Float and b24.Money read numbers in quotes", err)
	case te.Value == "string" && kind == reflect.Bool:
		return fmt.Errorf("%w; b24.Bool reads Y and N", err)
	case te.Value == "array" && kind == reflect.Map:
		return fmt.Errorf("%w; PHP writes an empty object as [], which b24.Map reads", err)
	default:
		return err
	}
}

// decodeRow decodes a row of a list after the first, which decodeInto has decoded: the rows of a
// list have the same members, so that only a row in which nothing was found is examined again.
func decodeRow(raw []byte, v any) error {
	if err := codec.Unmarshal(raw, v); err != nil {
		return advised(err)
	}
	return unfound(raw, v, func(_ *fieldSet, decoded reflect.Value) bool { return decoded.IsZero() })
}

// isPlainStruct reports whether v points to a struct without its own JSON decoding.
func isPlainStruct(v any) bool {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t != nil && t.Kind() == reflect.Struct && !decodesItself(t)
}

// unfound reports a struct whose fields are not those of the text that was decoded into it, and so
// stayed empty: the data is elsewhere in the answer, or has other names. v is a pointer to the
// struct, or to a list of which the first element is examined. A text without members (null, [] and
// {}) leaves the zero value and is not reported, nor is a struct that does not look suspect.
func unfound(raw []byte, v any, suspect func(*fieldSet, reflect.Value) bool) error {
	value := pointedTo(reflect.ValueOf(v))
	if value.Kind() == reflect.Slice && value.Len() > 0 && !decodesItself(value.Type()) {
		value, raw = pointedTo(value.Index(0)), firstOf(raw)
	}
	if value.Kind() != reflect.Struct {
		return nil
	}
	fields := fieldsOf(value.Type())
	if fields == nil || !suspect(fields, value) {
		return nil
	}
	return fields.compare(raw, value.Type())
}

func pointedTo(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// firstOf returns the first element of a list, or nil if there is none.
func firstOf(raw []byte) (first []byte) {
	jsonwalk.Elements(raw, func(value []byte) bool {
		first = value
		return false
	})
	return first
}

// fieldSet has the fields of a struct, grouped by what is left of their names without letter case and
// underscores: a field STAGE_ID and a field stageId are for the same member in different APIs.
type fieldSet struct {
	groups map[string]int
	fields [][]jsonField // by group
}

// jsonField is a field that decoding may set.
type jsonField struct {
	name  []byte // in JSON
	index []int
}

// compare returns an error if none of the fields is in the object raw, or if a field is in it under
// a name that differs by underscores.
func (s *fieldSet) compare(raw []byte, of reflect.Type) error {
	var names []string
	found, other := make([]bool, len(s.fields)), make([]string, len(s.fields))
	some := false
	var buffer [64]byte
	jsonwalk.Members(raw, func(quoted, _ []byte) bool {
		name := quoted[1 : len(quoted)-1]
		if !some {
			names = append(names, string(name))
		}
		at, ok := s.groups[string(folded(buffer[:0], name))]
		switch {
		case !ok:
		case slices.ContainsFunc(s.fields[at], func(f jsonField) bool { return bytes.EqualFold(f.name, name) }):
			found[at], some = true, true
		default:
			other[at] = string(name)
		}
		return true
	})
	for at, name := range other {
		if name != "" && !found[at] {
			return fmt.Errorf("%w: it has %s, which %s expects as %s: write the tag `json:%q`",
				ErrNoResult, name, of, s.fields[at][0].name, name)
		}
	}
	if some || len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: it has %s, but no field of %s; name the member that wraps the record, or correct the field names",
		ErrNoResult, listed(names, nil), of)
}

// folded appends name without underscores, in lower case.
func folded(to, name []byte) []byte {
	for _, c := range name {
		switch {
		case c == '_':
		case 'A' <= c && c <= 'Z':
			to = append(to, c-'A'+'a')
		default:
			to = append(to, c)
		}
	}
	return to
}

// anyEmpty reports whether a field has its zero value.
func (s *fieldSet) anyEmpty(v reflect.Value) bool {
	for _, group := range s.fields {
		for _, field := range group {
			if inner, err := v.FieldByIndexErr(field.index); err != nil || inner.IsZero() {
				return true
			}
		}
	}
	return false
}

//nolint:gochecknoglobals // caches facts about a reflect.Type; types do not change
var fieldSets sync.Map

// fieldsOf returns the fields that decoding into a struct looks for. It is nil for a struct that
// accepts any names, or none.
func fieldsOf(t reflect.Type) *fieldSet {
	if known, ok := fieldSets.Load(t); ok {
		set, _ := known.(*fieldSet)
		return set
	}
	var set *fieldSet
	if !decodesItself(t) {
		set = newFieldSet(t)
	}
	fieldSets.Store(t, set)
	return set
}

func newFieldSet(t reflect.Type) *fieldSet {
	s := &fieldSet{groups: map[string]int{}}
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline"), strings.Contains(options, "unknown"):
			return nil // it accepts any name
		case name == "-" && options == "", !field.IsExported():
		case field.Anonymous && name == "" && isStruct(field.Type): // its fields are listed separately
		default:
			s.add(cmp.Or(name, field.Name), field.Index)
		}
	}
	if len(s.fields) == 0 {
		return nil
	}
	return s
}

func (s *fieldSet) add(name string, index []int) {
	key := string(folded(nil, []byte(name)))
	at, ok := s.groups[key]
	if !ok {
		at = len(s.fields)
		s.groups[key] = at
		s.fields = append(s.fields, nil)
	}
	s.fields[at] = append(s.fields[at], jsonField{[]byte(name), index})
}

func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// decodesItself reports whether a type has its own JSON decoding.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return slices.ContainsFunc([]reflect.Type{
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[jsonv2.UnmarshalerFrom](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}, p.Implements)
}
