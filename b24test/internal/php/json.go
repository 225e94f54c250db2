package php

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Decode reads one JSON value as PHP does: objects keep their order, and the last of two equal
// names counts.
func Decode(data []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	v, err := decodeValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func decodeValue(dec *jsontext.Decoder) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch tok.Kind() {
	case 'n':
		return nil, nil //nolint:nilnil // null is a value
	case 't', 'f':
		return tok.Bool(), nil
	case '"':
		return tok.String(), nil
	case '0':
		return stdjson.Number(tok.String()), nil
	case '[':
		return decodeArray(dec, ']')
	default:
		return decodeArray(dec, '}')
	}
}

func decodeArray(dec *jsontext.Decoder, end jsontext.Kind) (*Array, error) {
	a := NewArray()
	a.Object = end == '}'
	for dec.PeekKind() != end {
		if !a.Object {
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			a.Add(v)
			continue
		}
		name, err := dec.ReadToken()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		key := name.String()
		v, err := decodeValue(dec)
		if err != nil {
			return nil, err
		}
		a.Set(key, v)
	}
	_, err := dec.ReadToken()
	return a, err
}

// FromGo converts a Go value to what PHP would hold, by encoding it as JSON: tags, MarshalJSON and
// the like apply; a nil slice or map is empty.
func FromGo(v any) (any, error) {
	if a, ok := v.(*Array); ok {
		return a, nil
	}
	if plain, ok := fromPlain(v); ok {
		return plain, nil
	}
	return encoded(v)
}

func encoded(v any) (any, error) {
	data, err := json.Marshal(v,
		jsonv1.DefaultOptionsV1(),
		json.Deterministic(true),
		json.FormatNilSliceAsNull(false),
		json.FormatNilMapAsNull(false),
		json.WithMarshalers(json.MarshalToFunc(marshalNumber)),
	)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return Decode(data)
}

// fromPlain is FromGo for the types that most rows consist of, whose JSON is the value itself: a
// million generated rows do not need an encoder.
func fromPlain(v any) (plain any, ok bool) {
	switch v := v.(type) {
	case nil, bool:
		return v, true
	case string:
		return v, utf8.ValidString(v)
	case int:
		return stdjson.Number(strconv.Itoa(v)), true
	case map[string]any:
		return fromMap(v)
	}
	return nil, false
}

func fromMap(members map[string]any) (object any, ok bool) {
	a := NewArray()
	a.Object = true
	for _, name := range slices.Sorted(maps.Keys(members)) {
		v, ok := fromPlain(members[name])
		if !ok || !utf8.ValidString(name) {
			return nil, false
		}
		a.Set(name, v)
	}
	return a, true
}

// marshalNumber writes the Number of encoding/json as a number; the library may treat it as a
// string. If the two Number types are identical, as they are from Go 1.27 on, it must not be called
// again.
func marshalNumber(enc *jsontext.Encoder, n stdjson.Number) error {
	return json.MarshalEncode(enc, jsonv1.Number(n), json.WithMarshalers(json.JoinMarshalers()))
}

// AppendJSON appends a value as a portal's json_encode writes it.
func AppendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return fmt.Append(b, v)
	case stdjson.Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case *Array:
		if v.IsList() {
			return appendList(b, v.List())
		}
		return appendObject(b, v)
	}
	return append(b, "null"...)
}

func appendList(b []byte, vals []any) []byte {
	b = append(b, '[')
	for i, v := range vals {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSON(b, v)
	}
	return append(b, ']')
}

func appendObject(b []byte, a *Array) []byte {
	b = append(b, '{')
	for k, v := range a.All() {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = appendString(b, k)
		b = append(b, ':')
		b = AppendJSON(b, v)
	}
	return append(b, '}')
}

// appendString escapes what JSON_HEX_TAG, _AMP, _APOS and _QUOT escape, slashes and the line
// separators; other Unicode characters stay.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch r {
		case '<', '>', '&', '\'', '"':
			b = fmt.Appendf(b, `\u%04X`, r)
		case '\\', '/':
			b = append(b, '\\', byte(r))
		case '\b', '\t', '\n', '\f', '\r':
			b = append(b, '\\', "btn?fr"[strings.IndexByte("\b\t\n?\f\r", byte(r))])
		case '\u2028', '\u2029':
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			if r < ' ' {
				b = fmt.Appendf(b, `\u%04x`, r)
				continue
			}
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
