package b24

import (
	"bytes"
	"fmt"

	"github.com/b24go/b24/internal/codec"
)

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
