package b24

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/b24go/b24/internal/codec"
)

// Null is a value that may be missing. It distinguishes "no value" from the zero value.
//
// A value counts as missing if the portal sent one of these:
//
//   - null or "";
//   - false, if T is not a boolean;
//   - [] or {}, if T is a single value;
//   - [], if T is a struct or a map;
//   - {}, if T is a list;
//   - a value that reports IsZero (the portal's ways to write "no date").
//
// The zero value is not valid, and omitzero leaves it out.
//
// A valid Null encodes as its value, and any other as null, which the portal mostly treats as "not
// sent". To clear a field, send a value that encodes as "": an empty string, [ID], [DateTime],
// [Date] or [Money].
type Null[T any] struct {
	// V is the value, or the zero value of T if there is none.
	V T
	// Valid reports whether there is a value.
	Valid bool
}

// NullOf returns a valid Null that holds v.
func NullOf[T any](v T) Null[T] { return Null[T]{V: v, Valid: true} }

// IsZero reports whether there is no value; omitzero uses it.
func (n Null[T]) IsZero() bool { return !n.Valid }

// String returns the value as fmt prints it, or "" if there is none.
func (n Null[T]) String() string {
	if !n.Valid {
		return ""
	}
	return fmt.Sprint(n.V)
}

// MarshalJSON implements json.Marshaler. Its errors are those of T.
func (n Null[T]) MarshalJSON() ([]byte, error) {
	if !n.Valid {
		return []byte("null"), nil
	}
	return codec.Marshal(n.V)
}

// UnmarshalJSON implements json.Unmarshaler. Its errors are those of T; on an error n keeps its
// value.
func (n *Null[T]) UnmarshalJSON(b []byte) error {
	if isNothing(b, reflect.TypeFor[T]()) {
		*n = Null[T]{}
		return nil
	}
	var v T
	if err := decodeValue(b, &v); err != nil {
		return err
	}
	if z, ok := any(v).(interface{ IsZero() bool }); ok && z.IsZero() {
		*n = Null[T]{}
		return nil
	}
	*n = NullOf(v)
	return nil
}

// decodeValue decodes by the rules of encoding/json; v is a pointer.
func decodeValue(b []byte, v any) error {
	if u, ok := v.(json.Unmarshaler); ok {
		return u.UnmarshalJSON(b)
	}
	return codec.Unmarshal(b, v)
}

// isNothing reports whether b means "no value" where a value of type t is expected.
func isNothing(b []byte, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch s, _ := scalar(b); s {
	case shapeEmpty:
		return !hollowCounts(b, t.Kind())
	case shapeFalse:
		return t.Kind() != reflect.Bool && t.Kind() != reflect.Interface
	default:
		return false
	}
}

// hollowCounts reports whether b, which is null, "", [] or {}, counts as a value of that kind.
func hollowCounts(b []byte, kind reflect.Kind) bool {
	isList, isObject := bytes.ContainsRune(b, '['), bytes.ContainsRune(b, '{')
	switch kind {
	case reflect.Interface:
		return isList || isObject
	case reflect.Slice, reflect.Array:
		return isList
	case reflect.Map, reflect.Struct:
		return isObject
	default:
		return false
	}
}
