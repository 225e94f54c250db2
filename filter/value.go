package filter

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// encode returns the JSON of a single value.
func encode(value any) (string, error) {
	text, err := encodeAny(value)
	if err == nil && text == `""` {
		if z, ok := value.(interface{ IsZero() bool }); ok && z.IsZero() {
			return "", fmt.Errorf("the %T is empty", value)
		}
	}
	return text, err
}

func encodeAny(value any) (string, error) {
	const deep = 8 // a pointer may point to itself
	for range deep {
		if value == nil {
			return "null", nil
		}
		rv := reflect.ValueOf(value)
		if inner, ok := optional(rv); ok {
			value = inner
			continue
		}
		if rv.Kind() != reflect.Pointer {
			if encoder := encoderOf(value); encoder != nil {
				return encoder(value)
			}
			return encodeKind(rv)
		}
		if rv.IsNil() {
			return "null", nil
		}
		inner := rv.Elem().Interface()
		if marshals(value) && !marshals(inner) { // only the pointer implements the encoding
			return encodeMarshaler(value)
		}
		value = inner
	}
	return "", notSingle(value)
}

// optional returns the value in a struct such as b24.Null or sql.Null, and whether it is valid. The
// value is nil if it is not valid.
func optional(rv reflect.Value) (any, bool) {
	if rv.Kind() != reflect.Struct || rv.NumField() != 2 || rv.Type().Field(0).Name != "V" || rv.Type().Field(1).Name != "Valid" {
		return nil, false
	}
	if rv.Field(1).Kind() != reflect.Bool || !rv.Field(1).Bool() {
		return nil, rv.Field(1).Kind() == reflect.Bool
	}
	return rv.Field(0).Interface(), true
}

func marshals(value any) bool {
	switch value.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return true
	default:
		return false
	}
}

// encoderOf returns the encoder for types that their kind does not describe; nil for all others.
func encoderOf(value any) func(any) (string, error) {
	kind := reflect.TypeOf(value).Kind()
	if _, ok := value.(integer); ok && kind == reflect.String {
		return encodeInteger
	}
	switch value.(type) {
	case time.Time:
		return encodeTime
	case Operand, Node:
		return func(any) (string, error) { return "", notSingle(value) }
	}
	if marshals(value) && kind != reflect.Bool { // the type of the portal's flags writes Y and N, but REST 3.0 accepts only true and false
		return encodeMarshaler
	}
	return nil
}

// integer is a text type that may hold a number.
type integer interface{ Int64() (int64, error) }

func encodeInteger(value any) (string, error) {
	if n, ok := value.(integer); ok {
		if i, err := n.Int64(); err == nil {
			return strconv.FormatInt(i, 10), nil
		}
	}
	switch v := value.(type) {
	case json.Number:
		if v == "" {
			return "", errors.New("the json.Number is empty")
		}
		return marshal(v)
	case json.Marshaler, encoding.TextMarshaler:
		return encodeMarshaler(v)
	default:
		return encodeKind(reflect.ValueOf(value))
	}
}

func encodeMarshaler(value any) (string, error) {
	text, err := marshal(value)
	if err == nil && (text[0] == '{' || text[0] == '[') {
		return "", notSingle(value)
	}
	if at, ok := embeddedTime(value); ok {
		if own, failed := marshal(at); failed == nil && own == text { // it has no other spelling
			return encodeTime(at)
		}
	}
	return text, err
}

// embeddedTime returns the time that a struct embeds first.
func embeddedTime(value any) (time.Time, bool) {
	rv := reflect.ValueOf(value)
	if rv.Kind() != reflect.Struct || rv.NumField() == 0 || !rv.Type().Field(0).Anonymous {
		return time.Time{}, false
	}
	if !rv.Field(0).CanInterface() {
		return time.Time{}, false
	}
	return reflect.TypeAssert[time.Time](rv.Field(0))
}

// encodeKind encodes types without their own encoding.
func encodeKind(rv reflect.Value) (string, error) {
	switch rv.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(rv.Bool()), nil
	case reflect.String:
		if !utf8.ValidString(rv.String()) {
			return "", errors.New("the text is not valid UTF-8")
		}
		return quote(rv.String()), nil
	case reflect.Float32, reflect.Float64:
		text, err := marshal(rv.Interface())
		if err == nil && !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text, err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(rv.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(rv.Uint(), 10), nil
	default:
		return "", notSingle(rv.Interface())
	}
}

func notSingle(value any) error {
	return fmt.Errorf("a Go value of type %T is not a single value", value)
}

// encodeTime writes the only spelling that REST 3.0 accepts (docs/protocol.md 9.3). It accepts
// neither seconds in an offset nor an offset of a day or more: such a moment is sent in UTC.
func encodeTime(value any) (string, error) {
	t, ok := value.(time.Time)
	if !ok || t.IsZero() {
		return "", errors.New("the time.Time is zero")
	}
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -24*60*60 || offset >= 24*60*60 {
		t = t.UTC()
	}
	if year := t.Year(); year < 0 || year > 9999 {
		return "", fmt.Errorf("year %d is outside 0 to 9999", year)
	}
	return t.Format(`"2006-01-02T15:04:05-07:00"`), nil
}

// marshal is json.Marshal without HTML escapes.
func marshal(value any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return "", reason(value, err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// reason removes the wrapping of encoding/json from an error.
func reason(value any, err error) error {
	if e, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return fmt.Errorf("the %T %s has no JSON form", value, e.Str)
	}
	if own, ok := errors.AsType[*json.MarshalerError](err); ok {
		return own.Err
	}
	return err
}

func quote(s string) string {
	text, err := marshal(s)
	if err != nil {
		return `""` // text always has a JSON form
	}
	return text
}
