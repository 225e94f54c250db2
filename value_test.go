package b24_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	jsonx "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// spelling is a JSON text and what it means.
type spelling[T any] struct {
	json string
	want T
}

// checkSpellings decodes every spelling with both JSON packages into a target that
// held something else.
func checkSpellings[T any](t *testing.T, before T, spellings []spelling[T]) {
	t.Helper()
	for _, c := range codecs() {
		for _, s := range spellings {
			got := before
			if assert.NoError(t, c.unmarshal([]byte(s.json), &got), "%s: %s", c.name, s.json) {
				assert.Equal(t, s.want, got, "%s: %s", c.name, s.json)
			}
		}
	}
}

// checkRefused wants an error that names the type, and the target as it was.
func checkRefused[T any](t *testing.T, name string, before T, texts ...string) {
	t.Helper()
	for _, c := range codecs() {
		for _, text := range texts {
			got := before
			err := c.unmarshal([]byte(text), &got)
			assert.ErrorContains(t, err, "b24: "+name+": cannot read ", "%s: %s", c.name, text)
			assert.Equal(t, before, got, "%s: %s", c.name, text)
		}
	}
}

// checkEncoded wants the same text from both JSON packages.
func checkEncoded(t *testing.T, v any, want string) {
	t.Helper()
	for _, c := range codecs() {
		got, err := c.marshal(v)
		require.NoError(t, err, c.name)
		assert.Equal(t, want, string(got), c.name)
	}
}

func TestIDDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.ID("before"), []spelling[b24.ID]{
		{`"12"`, "12"},
		{`12`, "12"},
		{`0`, "0"},
		{`-0`, "0"},
		{`-7`, "-7"},
		{`12.0`, "12"},
		{`1e3`, "1000"},
		{`1.50e1`, "15"},
		{`0e9`, "0"},
		{`123456789012345678901234567890`, "123456789012345678901234567890"},
		{`12.5`, "12.5"},
		{`1e-2`, "1e-2"},
		{`1e999999999999`, "1e999999999999"},
		{`1e-999999999999`, "1e-999999999999"},
		{`"007"`, "007"},
		{`" 7 "`, " 7 "},
		{`"CO_1"`, "CO_1"},
		{`"a\/b\u003Cé"`, "a/b<é"},
		{"\"\xff\"", "\uFFFD"},
		{`"\ud800"`, "\uFFFD"},
		{`""`, ""},
		{`null`, ""},
		{`false`, ""},
		{`[]`, ""},
		{`{ }`, ""},
	})
	checkRefused(t, "ID", b24.ID("before"), `true`, `[1]`, `{"a":1}`)
}

func TestIDEncode(t *testing.T) {
	t.Parallel()
	checkEncoded(t, b24.ID("12"), `"12"`)
	checkEncoded(t, b24.ID(""), `""`)
	checkEncoded(t, map[b24.ID]int{"7": 1}, `{"7":1}`)
	checkEncoded(t, struct {
		ID b24.ID `json:"id,omitzero"`
	}{}, `{}`)
	assert.True(t, b24.ID("").IsZero())
	assert.False(t, b24.ID("0").IsZero())
	assert.Equal(t, "12", b24.ID("12").String())
}

func TestIDAsMapKey(t *testing.T) {
	t.Parallel()
	checkSpellings(t, nil, []spelling[map[b24.ID]int]{{`{"7":1,"chat8":2}`, map[b24.ID]int{"7": 1, "chat8": 2}}})
}

func TestIDInt64(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 12, -3, math.MaxInt64, math.MinInt64} {
		got, err := b24.IDOf(n).Int64()
		require.NoError(t, err)
		assert.Equal(t, n, got)
	}
	for _, id := range []b24.ID{"", "CO_1", "9223372036854775808", "1.5", " 1"} {
		_, err := id.Int64()
		assert.ErrorContains(t, err, "b24: ID: ", "%q", id)
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Int(5), []spelling[b24.Int]{
		{`12`, 12},
		{`"12"`, 12},
		{`" 12 "`, 12},
		{`"\t12\n"`, 12},
		{`"+12"`, 12},
		{`-12`, -12},
		{`"-12"`, -12},
		{`"007"`, 7},
		{`12.0`, 12},
		{`"1000.000000"`, 1000},
		{`1e3`, 1000},
		{`1200e-2`, 12},
		{`0.0e-5`, 0},
		{`9223372036854775807`, math.MaxInt64},
		{`"-9223372036854775808"`, math.MinInt64},
		{`200040300020`, 200040300020},
		{`null`, 0},
		{`""`, 0},
		{`"  "`, 0},
		{`false`, 0},
		{`[]`, 0},
		{`{}`, 0},
	})
	checkRefused(t, "Int", b24.Int(5), `true`, `12.5`, `"12.5"`, `"abc"`, `"1 000"`, `"1,000"`, `"0x10"`, `"1_0"`, `"-"`, `"."`, `"1e"`,
		`"1e+"`, `"1e5x"`, `"--1"`, `9223372036854775808`, `1e19`, `1e999999999999`, `1e-999999999999`, `[1]`, `{"a":1}`)
	checkEncoded(t, b24.Int(-12), `-12`)
	checkEncoded(t, map[b24.Int]b24.Int{7: 8}, `{"7":8}`)
}

func TestFloat(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Float(5), []spelling[b24.Float]{
		{`31.12`, 31.12},
		{`"31.12"`, 31.12},
		{`" 31.12 "`, 31.12},
		{`".5"`, .5},
		{`"+1e-2"`, .01},
		{`-1.5`, -1.5},
		{`1e-999`, 0},
		{`null`, 0},
		{`""`, 0},
		{`"\n"`, 0},
		{`false`, 0},
		{`[]`, 0},
		{`{}`, 0},
	})
	checkRefused(t, "Float", b24.Float(5), `true`, `"NaN"`, `"Inf"`, `"-infinity"`, `"0x1p3"`, `"1_0.5"`, `"12,5"`, `"abc"`, `1e999`,
		`"."`, `[1.5]`, `{"a":1}`)
	checkEncoded(t, b24.Float(31.12), `31.12`)
	checkEncoded(t, b24.Float(1000), `1000`)
	for _, c := range codecs() {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			_, err := c.marshal(b24.Float(v))
			assert.Error(t, err, "%s: %v", c.name, v)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for _, before := range []b24.Bool{false, true} {
		checkSpellings(t, before, []spelling[b24.Bool]{
			{`"Y"`, true},
			{`"y"`, true},
			{`"1"`, true},
			{`1`, true},
			{`true`, true},
			{`"true"`, true},
			{`"TRUE"`, true},
			{`" Y "`, true},
			{`"N"`, false},
			{`"n"`, false},
			{`"0"`, false},
			{`0`, false},
			{`false`, false},
			{`"False"`, false},
			{`null`, false},
			{`""`, false},
			{`" "`, false},
			{`[]`, false},
			{`{}`, false},
		})
		checkRefused(t, "Bool", before, `2`, `-1`, `"yes"`, `"ja"`, `[true]`, `{"a":1}`)
	}
	checkEncoded(t, []b24.Bool{true, false}, `["Y","N"]`)
	assert.Equal(t, 1, b24.Bool(true).Bit())
	assert.Equal(t, 0, b24.Bool(false).Bit())
}

func TestRefusalIsShort(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("é", 500) + `"`
	var n b24.Int
	err := n.UnmarshalJSON([]byte(long))
	assert.EqualError(t, err, `b24: Int: cannot read "`+strings.Repeat("é", 39)+"…")

	err = n.UnmarshalJSON([]byte(`"` + strings.Repeat("a", 60) + `"`))
	assert.EqualError(t, err, `b24: Int: cannot read "`+strings.Repeat("a", 39)+"…")

	err = n.UnmarshalJSON([]byte("{\n\"a\":\t1}"))
	assert.EqualError(t, err, `b24: Int: cannot read { "a": 1}`)

	err = n.UnmarshalJSON([]byte(`"abc"`))
	assert.EqualError(t, err, `b24: Int: cannot read "abc"`)
}

func TestDecodersWithoutJSON(t *testing.T) {
	t.Parallel()
	targets := []json.Unmarshaler{
		new(b24.ID), new(b24.Int), new(b24.Float), new(b24.Bool), new(b24.DateTime), new(b24.Date), new(b24.Money),
		new(b24.EntityTypeID), new(b24.Null[b24.Int]), new(b24.Null[string]), new(b24.Map[int]), new(b24.Rows[int]),
	}
	for _, target := range targets {
		for _, text := range []string{``, ` `, `"`, `"a`, `a"`, `"a"b"`, `{`, `[}`, `{]`, `nul`, `-`, `"\"`, `"\x"`, "\"a\nb\""} {
			assert.Error(t, target.UnmarshalJSON([]byte(text)), "%T: %q", target, text)
		}
	}
}

func BenchmarkIDDecode(b *testing.B) {
	for _, text := range []string{`123456`, `"123456"`} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			var id b24.ID
			for b.Loop() {
				if err := id.UnmarshalJSON([]byte(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// codec is one of the JSON packages the value types must work with.
type codec struct {
	name      string
	unmarshal func([]byte, any) error
	marshal   func(any) ([]byte, error)
}

func codecs() []codec {
	return []codec{
		{"encoding/json", json.Unmarshal, json.Marshal},
		{
			"go-json-experiment",
			func(b []byte, v any) error { return jsonx.Unmarshal(b, v, jsonv1.DefaultOptionsV1()) },
			func(v any) ([]byte, error) { return jsonx.Marshal(v, jsonv1.DefaultOptionsV1()) },
		},
	}
}

// typeVector is a line of testdata/type_vectors.json.
type typeVector struct {
	Type   string          `json:"type"`
	JSON   json.RawMessage `json:"json"`
	Want   json.RawMessage `json:"want"`
	Method string          `json:"method"`
	Key    string          `json:"key"`
}

func (v typeVector) empty() bool { return string(v.Want) == "null" }

func typeVectors(t *testing.T) []typeVector {
	t.Helper()
	data, err := os.ReadFile("testdata/type_vectors.json")
	require.NoError(t, err)
	var vectors []typeVector
	require.NoError(t, json.Unmarshal(data, &vectors))
	return vectors
}

// decodeInto decodes as the client does: not the bare value but a member of a row.
func decodeInto[T any](t *testing.T, c codec, value json.RawMessage) T {
	t.Helper()
	var row struct {
		Field T `json:"field"`
	}
	require.NoError(t, c.unmarshal(fmt.Appendf(nil, `{"field":%s}`, value), &row))
	return row.Field
}

// wanted reads the expected value of a vector.
func wanted[T any](t *testing.T, v typeVector) T {
	t.Helper()
	var want T
	require.NoError(t, json.Unmarshal(v.Want, &want))
	return want
}

// checkNull decodes into T and Null[T] and returns the value and its expectation,
// the zero value where the vector expects none.
func checkNull[T any](t *testing.T, c codec, v typeVector, want T) {
	t.Helper()
	got := decodeInto[T](t, c, v.JSON)
	null := decodeInto[b24.Null[T]](t, c, v.JSON)

	assert.Equal(t, want, got)
	assert.Equal(t, want, null.V)
	assert.Equal(t, !v.empty(), null.Valid)
	assert.Equal(t, v.empty(), null.IsZero())
}

func TestTypeVectors(t *testing.T) {
	t.Parallel()
	checks := map[string]func(*testing.T, codec, typeVector){
		"id": checkIDVector, "int": checkIntVector, "float": checkFloatVector, "bool": checkBoolVector,
		"datetime": checkDateTimeVector, "date": checkDateVector, "money": checkMoneyVector,
		"map": checkMapVector, "list": checkListVector,
	}
	vectors := typeVectors(t)
	require.Len(t, vectors, 272)
	for i, v := range vectors {
		t.Run(fmt.Sprintf("%d/%s/%s/%s", i, v.Type, v.Method, v.Key), func(t *testing.T) {
			t.Parallel()
			require.Contains(t, checks, v.Type)
			for _, c := range codecs() {
				checks[v.Type](t, c, v)
			}
		})
	}
}

func checkIDVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	want := wanted[string](t, v)

	assert.Equal(t, b24.ID(want), decodeInto[b24.ID](t, c, v.JSON))
	assert.Equal(t, want != "", decodeInto[b24.Null[b24.ID]](t, c, v.JSON).Valid)
}

func checkIntVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	checkNull(t, c, v, b24.Int(wanted[int64](t, v)))
}

func checkFloatVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	checkNull(t, c, v, b24.Float(wanted[float64](t, v)))
}

func checkBoolVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	checkNull(t, c, v, b24.Bool(wanted[bool](t, v)))
}

func checkDateVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	var want b24.Date
	if !v.empty() {
		var month int
		_, err := fmt.Sscanf(wanted[string](t, v), "%d-%d-%d", &want.Year, &month, &want.Day)
		require.NoError(t, err)
		want.Month = time.Month(month)
	}
	checkNull(t, c, v, want)
}

func checkDateTimeVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	got := decodeInto[b24.DateTime](t, c, v.JSON)
	null := decodeInto[b24.Null[b24.DateTime]](t, c, v.JSON)
	assert.Equal(t, got, null.V)
	assert.Equal(t, !v.empty(), null.Valid)

	want := wanted[string](t, v) // "" for null
	text, err := got.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, canonicalStamp(want), string(text))
	assert.Equal(t, len(want) != len("2006-01-02T15:04:05"), got.HasZone())
}

// canonicalStamp turns the expectation of a vector into what is sent.
func canonicalStamp(want string) string {
	switch n := len(want); {
	case n == len("2006-01-02T15:04:05"):
		return want + "+00:00"
	case n > 0 && want[n-1] == 'Z':
		return want[:n-1] + "+00:00"
	default:
		return want
	}
}

func checkMoneyVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	want := wanted[struct{ Amount, Currency string }](t, v)
	checkNull(t, c, v, b24.Money{Amount: want.Amount, Currency: want.Currency})

	text, err := c.marshal(decodeInto[b24.Money](t, c, v.JSON))
	require.NoError(t, err)
	assert.JSONEq(t, string(v.JSON), string(text))
}

func checkMapVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	got := decodeInto[b24.Map[any]](t, c, v.JSON)
	assert.Equal(t, wanted[map[string]any](t, v), map[string]any(got))

	text, err := c.marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(v.Want), string(text))
}

// checkListVector decodes the container the vector names; finding it is the
// business of the list engine.
func checkListVector(t *testing.T, c codec, v typeVector) {
	t.Helper()
	want := wanted[struct {
		Container string
		Count     int
		IDs       []string
	}](t, v)
	rows := decodeInto[b24.Rows[b24.Map[json.RawMessage]]](t, c, container(t, v.JSON, want.Container))

	require.Len(t, rows, want.Count)
	require.Len(t, decodeInto[b24.Map[json.RawMessage]](t, c, container(t, v.JSON, want.Container)), want.Count)
	if want.IDs == nil {
		return
	}
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, decodeInto[b24.ID](t, c, row[v.Key]).String())
	}
	assert.Equal(t, want.IDs, ids)
}

func container(t *testing.T, answer json.RawMessage, name string) json.RawMessage {
	t.Helper()
	var top map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(answer, &top))
	if name == "" {
		return top["result"]
	}
	var result map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(top["result"], &result))
	require.Contains(t, result, name)
	return result[name]
}

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
