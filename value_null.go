package b24

import (
	"bytes"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/b24go/b24/internal/codec"
)

// Null is a value that may be missing. Without it "no number" and 0 look alike.
//
// It is not valid after null and "", after false where T is no boolean, after []
// and {} where T is a single value, after [] where T is a structure or a map, after
// {} where T is a list, and where the value read reports IsZero (the portal's several ways to write "no date").
// The zero value is not valid and drops out with omitzero.
//
// A valid Null encodes as its value, any other one as null, which the portal
// mostly takes as "not sent" (protocol.md 2.4). To clear a field send what
// encodes as "": an empty string, ID, DateTime, Date or Money.
type Null[T any] struct {
	// V is the value, the zero value of T where there is none.
	V T
	// Valid tells whether there is a value.
	Valid bool
}

// NullOf returns a valid Null that holds v.
func NullOf[T any](v T) Null[T] { return Null[T]{V: v, Valid: true} }

// IsZero reports whether there is no value; omitzero asks it.
func (n Null[T]) IsZero() bool { return !n.Valid }

// MarshalJSON implements json.Marshaler. Its errors are those of T.
func (n Null[T]) MarshalJSON() ([]byte, error) {
	if !n.Valid {
		return []byte("null"), nil
	}
	return codec.Marshal(n.V)
}

// UnmarshalJSON implements json.Unmarshaler. Its errors are those of T; on an
// error n keeps its value.
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

// hollowCounts reports whether b, which is null, "", [] or {}, is a value of that
// kind.
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
