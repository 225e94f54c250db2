package b24

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/b24go/b24/internal/codec"
	"github.com/b24go/b24/internal/jsonwalk"
)

// decodeInto decodes a part of an answer. An empty object is [] to PHP (docs/protocol.md 3.5).
func decodeInto(raw []byte, v any) error {
	if string(raw) == "[]" && isPlainStruct(v) {
		return nil
	}
	if err := codec.Unmarshal(raw, v); err != nil {
		return err
	}
	return unfound(raw, v)
}

// isPlainStruct reports whether v points to a struct without a way of its own to read JSON.
func isPlainStruct(v any) bool {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t != nil && t.Kind() == reflect.Struct && !decodesItself(t)
}

// unfound reports a struct of which no field is in the text that was decoded into it: what the caller wants is
// elsewhere in the answer, or called otherwise, and would look empty. v is a pointer to it.
// A text without members, null, [] and {}, leaves the zero value, and is none.
func unfound(raw []byte, v any) error {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if value.Kind() == reflect.Slice && value.Len() > 0 && !decodesItself(value.Type()) {
		value, raw = value.Index(0), firstOf(raw)
		for value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
	}
	if value.Kind() != reflect.Struct || !value.IsZero() {
		return nil
	}
	fields := fieldsOf(value.Type())
	if fields == nil {
		return nil
	}
	var names []string
	found := false
	jsonwalk.Members(raw, func(quoted, _ []byte) bool {
		name := string(quoted[1 : len(quoted)-1])
		names, found = append(names, name), fields[strings.ToLower(name)]
		return !found
	})
	if found || len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: it has %s, and no field of %s; name the member that holds it, or the fields as they are; the call was executed",
		ErrNoResult, listed(names, nil), value.Type())
}

// firstOf is the first element of a list; nil without one.
func firstOf(raw []byte) (first []byte) {
	jsonwalk.Elements(raw, func(value []byte) bool {
		first = value
		return false
	})
	return first
}

//nolint:gochecknoglobals // remembers what a look at a reflect.Type found; types do not change
var fieldNames sync.Map

// fieldsOf are the names that decoding into a struct looks for, in small letters; nil for one that takes any,
// or none.
func fieldsOf(t reflect.Type) map[string]bool {
	if known, ok := fieldNames.Load(t); ok {
		names, _ := known.(map[string]bool)
		return names
	}
	var names map[string]bool
	if !decodesItself(t) {
		names = namesIn(t)
	}
	fieldNames.Store(t, names)
	return names
}

func namesIn(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline"), strings.Contains(options, "unknown"):
			return nil // it takes what has no field of its own
		case name == "-" && options == "", !field.IsExported():
		case field.Anonymous && name == "" && isStruct(field.Type): // its fields are visible themselves
		case name == "":
			names[strings.ToLower(field.Name)] = true
		default:
			names[strings.ToLower(name)] = true
		}
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// decodesItself reports whether a type has its own way of reading JSON.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return slices.ContainsFunc([]reflect.Type{
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[jsonv2.UnmarshalerFrom](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}, p.Implements)
}
