package b24_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// roundTrip decodes data with both JSON packages, which must agree; what decodes
// must encode, and decode again to a value that same takes for the first one. It
// returns the value and whether there is one.
func roundTrip[T any](t *testing.T, data []byte, same func(a, b T) bool) (T, bool) {
	t.Helper()
	var values []T
	for _, c := range codecs() {
		var first, second T
		if c.unmarshal(data, &first) != nil {
			continue
		}
		text, err := c.marshal(first)
		require.NoError(t, err, c.name)
		require.NoError(t, c.unmarshal(text, &second), "%s: %s", c.name, text)
		require.True(t, same(first, second), "%s: %v, then %v by %s", c.name, first, second, text)
		values = append(values, first)
	}
	if len(values) == 0 {
		var zero T
		return zero, false
	}
	require.Len(t, values, len(codecs()), "one package reads %q, the other does not", data)
	require.True(t, same(values[0], values[1]), "%v and %v", values[0], values[1])
	return values[0], true
}

func equal[T comparable](a, b T) bool { return a == b }

// fuzzRoundTrip is the whole of a fuzz test where nothing but the round trip counts.
func fuzzRoundTrip[T comparable](f *testing.F) {
	f.Helper()
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip(t, data, equal[T])
		roundTrip(t, data, equal[b24.Null[T]])
		var v T
		direct, ok := any(&v).(interface{ UnmarshalJSON([]byte) error })
		require.True(t, ok)
		_ = direct.UnmarshalJSON(data) // no JSON at all, perhaps: no panic
	})
}

func FuzzID(f *testing.F)           { fuzzRoundTrip[b24.ID](f) }
func FuzzInt(f *testing.F)          { fuzzRoundTrip[b24.Int](f) }
func FuzzBool(f *testing.F)         { fuzzRoundTrip[b24.Bool](f) }
func FuzzDate(f *testing.F)         { fuzzRoundTrip[b24.Date](f) }
func FuzzMoney(f *testing.F)        { fuzzRoundTrip[b24.Money](f) }
func FuzzEntityTypeID(f *testing.F) { fuzzRoundTrip[b24.EntityTypeID](f) }

func FuzzFloat(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, ok := roundTrip(t, data, equal[b24.Float]); ok {
			assert.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0))
		}
		_ = new(b24.Float).UnmarshalJSON(data)
	})
}

func FuzzDateTime(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		d, ok := roundTrip(t, data, func(a, b b24.DateTime) bool {
			return a.Truncate(time.Second).Equal(b.Truncate(time.Second)) // no fraction is sent
		})
		_ = new(b24.DateTime).UnmarshalJSON(data)
		if !ok {
			return
		}
		text, err := d.MarshalText()
		require.NoError(t, err)
		if len(text) > 0 {
			strict, err := time.Parse("2006-01-02T15:04:05-07:00", string(text))
			require.NoError(t, err)
			assert.Equal(t, d.Unix(), strict.Unix())
		}
	})
}

func FuzzNull(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzNull[string](t, data)
		fuzzNull[bool](t, data)
		fuzzNull[*int](t, data)
		fuzzNull[any](t, data)
		fuzzNull[[]b24.ID](t, data)
		fuzzNull[map[string]string](t, data)
		fuzzNull[struct{ A, B b24.Null[b24.Int] }](t, data)
		fuzzNull[b24.Map[b24.Money]](t, data)
		_ = new(b24.Null[b24.DateTime]).UnmarshalJSON(data)
		_ = new(b24.Null[[]string]).UnmarshalJSON(data)
	})
}

// fuzzNull wants a Null that is not valid to hold nothing and to be sent as null.
func fuzzNull[T any](t *testing.T, data []byte) {
	t.Helper()
	n, ok := roundTrip(t, data, func(a, b b24.Null[T]) bool { return assert.ObjectsAreEqual(a, b) })
	if !ok || n.Valid {
		return
	}
	assert.Zero(t, n.V)
	assert.True(t, n.IsZero())
	checkEncoded(t, n, "null")
}

func FuzzOrdered(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, second string, value []byte) {
		object := b24.Ordered{b24.KV(first, json.RawMessage(value)), b24.KV(second, second), b24.KV("", nil)}
		for _, c := range codecs() {
			text, err := c.marshal(object)
			if err != nil {
				continue
			}
			names := memberNames(t, text)
			require.Len(t, names, 3, "%s: %s", c.name, text)
			assert.Equal(t, []string{string([]rune(first)), string([]rune(second)), ""}, names, c.name) // as UTF-8
			assert.NotEqual(t, first, second, "a name twice")
		}
	})
}

// memberNames returns the names of an object in their order.
func memberNames(t *testing.T, object []byte) []string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(object))
	_, err := dec.Token()
	require.NoError(t, err)
	var names []string
	for dec.More() {
		name, err := dec.Token()
		require.NoError(t, err)
		names = append(names, name.(string))
		var value json.RawMessage
		require.NoError(t, dec.Decode(&value))
	}
	return names
}

func FuzzRows(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip(t, data, func(a, b b24.Rows[b24.ID]) bool { return assert.ObjectsAreEqual(a, b) })
		roundTrip(t, data, func(a, b b24.Rows[any]) bool { return assert.ObjectsAreEqual(a, b) })
		_ = new(b24.Rows[b24.DateTime]).UnmarshalJSON(data)
	})
}

func FuzzMap(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip(t, data, func(a, b b24.Map[b24.Rows[b24.ID]]) bool { return assert.ObjectsAreEqual(a, b) })
		roundTrip(t, data, func(a, b b24.Map[any]) bool { return assert.ObjectsAreEqual(a, b) })
		_ = new(b24.Map[b24.DateTime]).UnmarshalJSON(data)
	})
}
