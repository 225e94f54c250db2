package b24

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/b24go/b24/internal/codec"
)

// Map is an object by member name. PHP writes an empty one as [], and one whose keys happen to be
// 0, 1, 2 ... as a list.
//
// It decodes from an object (the last member of a repeated name counts) and from a list, whose
// positions "0", "1" ... become the keys. [], {}, null, "" and false decode to an empty, non-nil
// Map. Decoding replaces the Map. It encodes as an object, {} if it is nil or empty. Errors are
// those of T, with the key they occurred at.
type Map[T any] map[string]T

// MarshalJSON implements json.Marshaler.
func (m Map[T]) MarshalJSON() ([]byte, error) {
	if len(m) == 0 {
		return []byte("{}"), nil
	}
	return codec.Marshal(map[string]T(m))
}

// UnmarshalJSON implements json.Unmarshaler. On an error m keeps its value.
func (m *Map[T]) UnmarshalJSON(b []byte) error {
	var own members[T]
	err := codec.Unmarshal(b, &own)
	if err == nil {
		*m = own.all
	}
	return err
}

// members decodes a Map. It is a separate type so that the JSON decoder of this library appears in
// no exported signature.
type members[T any] struct{ all Map[T] }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *members[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	m.all = make(Map[T])
	return eachElement(dec, "Map", func(at element) error {
		var v T
		if err := json.UnmarshalDecode(dec, &v); err != nil {
			return err
		}
		m.all[at.key()] = v
		return nil
	})
}

// Rows is a list of records. Some methods send an object keyed by id instead of a list, and PHP
// writes a list with gaps as an object.
//
// It decodes from a list and from an object, whose values keep their order and whose keys are
// dropped. Use [Map] if the rows do not contain the key. [], {}, null, "" and false decode to no
// rows. Decoding replaces the Rows and does not append to them. It encodes as a list, [] if it is
// nil; only [Multifield] has a second form. Errors are those of T, with the position or key they occurred at.
type Rows[T any] []T

// MarshalJSON implements json.Marshaler.
func (r Rows[T]) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("[]"), nil
	}
	if object, ok, err := forItems(any([]T(r))); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return codec.Marshal(object)
	}
	return codec.Marshal([]T(r))
}

// UnmarshalJSON implements json.Unmarshaler. On an error r keeps its value.
func (r *Rows[T]) UnmarshalJSON(b []byte) error {
	var own records[T]
	err := codec.Unmarshal(b, &own)
	if err == nil {
		*r = own.all
	}
	return err
}

// records decodes Rows. It is a separate type so that the JSON decoder of this library appears in
// no exported signature.
type records[T any] struct{ all Rows[T] }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (r *records[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '[' {
		if err := json.UnmarshalDecode(dec, (*[]T)(&r.all), jsonv1.ReportErrorsWithLegacySemantics(false)); err != nil {
			return fmt.Errorf("b24: Rows: %w", err)
		}
		return nil
	}
	r.all = Rows[T]{}
	return eachElement(dec, "Rows", func(element) error {
		r.all = append(r.all, *new(T))
		return json.UnmarshalDecode(dec, &r.all[len(r.all)-1])
	})
}

// element is the position of a value in a list or an object.
type element struct {
	index  int
	name   string
	member bool // in an object
}

// key returns the name of the member, or the position in the list as text.
func (e element) key() string {
	if e.member {
		return e.name
	}
	return strconv.Itoa(e.index)
}

// eachElement reads the next value of dec as a list or an object. It calls decode, which must read
// one value from dec, for each element in the order sent.
func eachElement(dec *jsontext.Decoder, typ string, decode func(element) error) error {
	open := dec.PeekKind()
	if open != '[' && open != '{' {
		return noElements(dec, typ)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if next := dec.PeekKind(); next == ']' || next == '}' {
			break
		}
		at := element{index: i, member: open == '{'}
		if at.member {
			name, err := dec.ReadToken()
			if err != nil {
				return err
			}
			at.name = name.String()
		}
		if err := decode(at); err != nil {
			return fmt.Errorf("b24: %s: at %s: %w", typ, clip([]byte(at.key())), err)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// noElements reads a value that means an empty list or object.
func noElements(dec *jsontext.Decoder, typ string) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if s, _ := scalar(value); s != shapeEmpty && s != shapeFalse {
		return unreadable(typ, value)
	}
	return nil
}

// Ordered is a JSON object whose members keep their order. A Go map does not: encoding/json sorts
// its keys, but the order of the keys of `order` tells the portal what to sort by first.
//
//	"order": b24.Ordered{b24.KV("CLOSEDATE", "ASC"), b24.KV("ID", "DESC")}
//
// It can be used anywhere in the parameters of a call, or as the parameters themselves. The zero
// value is an empty object. A repeated name is an error.
type Ordered []Pair

// Pair is one member of an [Ordered].
type Pair struct {
	// Key is the name.
	Key string
	// Value is any value that encoding/json can marshal.
	Value any
}

// KV returns a member of an [Ordered].
func KV(key string, value any) Pair { return Pair{Key: key, Value: value} }

// MarshalJSON writes the members in their order.
func (o Ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	seen := make(map[string]bool, len(o))
	for i, pair := range o {
		if seen[pair.Key] {
			return nil, fmt.Errorf("the name %q occurs twice", pair.Key)
		}
		seen[pair.Key] = true
		if i > 0 {
			b.WriteByte(',')
		}
		if err := pair.write(&b); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (p Pair) write(b *bytes.Buffer) error {
	key, err := codec.Marshal(p.Key)
	if err != nil {
		return err
	}
	value, err := codec.Marshal(p.Value)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Key, err)
	}
	b.Write(key)
	b.WriteByte(':')
	b.Write(value)
	return nil
}
