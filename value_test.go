package b24_test

import (
	"bytes"
	"encoding/gob"
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
	"github.com/b24go/b24/b24test"
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

func TestMapDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Map[b24.Int]{"before": 1}, []spelling[b24.Map[b24.Int]]{
		{`{"b":"2","a":1}`, b24.Map[b24.Int]{"a": 1, "b": 2}},
		{`{"a":1,"a":2}`, b24.Map[b24.Int]{"a": 2}},
		{`{"":1}`, b24.Map[b24.Int]{"": 1}},
		{`{"a\/b":1}`, b24.Map[b24.Int]{"a/b": 1}},
		{"{\"\xff\":1}", b24.Map[b24.Int]{"\uFFFD": 1}},
		{`["5",6]`, b24.Map[b24.Int]{"0": 5, "1": 6}},
		{`[]`, b24.Map[b24.Int]{}},
		{`{}`, b24.Map[b24.Int]{}},
		{`null`, b24.Map[b24.Int]{}},
		{`""`, b24.Map[b24.Int]{}},
		{`false`, b24.Map[b24.Int]{}},
	})
	checkRefused(t, "Map", b24.Map[b24.Int]{"before": 1}, `"abc"`, `true`, `1`)
}

func TestMapOfMaps(t *testing.T) {
	t.Parallel()
	checkSpellings(t, nil, []spelling[b24.Map[b24.Map[b24.Rows[b24.ID]]]]{
		{`{"a":[],"b":{"c":{"7":1,"5":"2"}}}`, b24.Map[b24.Map[b24.Rows[b24.ID]]]{"a": {}, "b": {"c": {"1", "2"}}}},
	})
}

func TestRowsDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Rows[b24.ID]{"before"}, []spelling[b24.Rows[b24.ID]]{
		{`["3",1,null]`, b24.Rows[b24.ID]{"3", "1", ""}},
		{`{"9":"c","10":"a","2":"b"}`, b24.Rows[b24.ID]{"c", "a", "b"}},
		{`{"9":"c","9":"a"}`, b24.Rows[b24.ID]{"c", "a"}},
		{`[]`, b24.Rows[b24.ID]{}},
		{`{}`, b24.Rows[b24.ID]{}},
		{`null`, b24.Rows[b24.ID]{}},
		{`""`, b24.Rows[b24.ID]{}},
		{`false`, b24.Rows[b24.ID]{}},
	})
	checkRefused(t, "Rows", b24.Rows[b24.ID]{"before"}, `"abc"`, `true`, `1`)
}

// The decoders keep their members apart even where rows share memory before they
// grow.
func TestRowsOfStructures(t *testing.T) {
	t.Parallel()
	type item struct {
		ID   b24.ID
		Name string
	}
	checkSpellings(t, nil, []spelling[b24.Rows[item]]{
		{`{"9":{"id":9,"name":"a"},"7":{"id":7},"8":{}}`, b24.Rows[item]{{"9", "a"}, {"7", ""}, {}}},
		{`[{"ID":"9","NAME":"a"},{"ID":7},{}]`, b24.Rows[item]{{"9", "a"}, {"7", ""}, {}}},
	})
}

func TestElementErrors(t *testing.T) {
	t.Parallel()
	for _, c := range codecs() {
		rows := b24.Rows[b24.Int]{7}
		err := c.unmarshal([]byte(`[1,2,"abc"]`), &rows)
		assert.ErrorContains(t, err, `"/2"`, c.name)
		assert.ErrorContains(t, err, `b24: Int: cannot read "abc"`, c.name)

		err = c.unmarshal([]byte(`{"5":1,"6":"abc","7":2}`), &rows)
		assert.ErrorContains(t, err, `b24: Rows: at 6: b24: Int: cannot read "abc"`, c.name)
		assert.Equal(t, b24.Rows[b24.Int]{7}, rows, c.name)

		members := b24.Map[b24.Int]{"a": 7}
		err = c.unmarshal([]byte(`{"b":1,"c":"abc"}`), &members)
		assert.ErrorContains(t, err, `b24: Map: at c: b24: Int: cannot read "abc"`, c.name)
		err = c.unmarshal([]byte(`[1,"abc"]`), &members)
		assert.ErrorContains(t, err, `b24: Map: at 1: b24: Int: cannot read "abc"`, c.name)
		assert.Equal(t, b24.Map[b24.Int]{"a": 7}, members, c.name)
	}
}

func TestCutCollections(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[`, `[1`, `[1,`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1]`, `[1}`, `[1] 2`, `tru`} {
		rows, members := b24.Rows[int]{7}, b24.Map[int]{"a": 7}
		assert.Error(t, rows.UnmarshalJSON([]byte(text)), text)
		assert.Error(t, members.UnmarshalJSON([]byte(text)), text)
		assert.Equal(t, b24.Rows[int]{7}, rows, text)
		assert.Equal(t, b24.Map[int]{"a": 7}, members, text)
	}
}

// Elements are decoded by the rules of encoding/json, whichever decoder reads the collection.
func TestElementsFollowEncodingJSON(t *testing.T) {
	t.Parallel()
	type item struct{ Name string }
	for name, decode := range map[string]func([]byte, any) error{
		"encoding/json": json.Unmarshal, "json/v2": func(b []byte, v any) error { return jsonx.Unmarshal(b, v) },
	} {
		var rows b24.Rows[item]
		var members b24.Map[item]
		require.NoError(t, decode([]byte(`[{"name":"a"}]`), &rows), name)
		require.NoError(t, decode([]byte(`{"k":{"name":"a"}}`), &members), name)
		assert.Equal(t, b24.Rows[item]{{"a"}}, rows, name)
		assert.Equal(t, b24.Map[item]{"k": {"a"}}, members, name)
	}
}

func TestCollectionsEncode(t *testing.T) {
	t.Parallel()
	checkEncoded(t, b24.Map[b24.Int]{"b": 2, "a": 1}, `{"a":1,"b":2}`)
	checkEncoded(t, b24.Map[b24.Int]{}, `{}`)
	checkEncoded(t, b24.Map[b24.Int](nil), `{}`)
	checkEncoded(t, b24.Rows[b24.Bool]{true, false}, `["Y","N"]`)
	checkEncoded(t, b24.Rows[b24.Bool]{}, `[]`)
	checkEncoded(t, b24.Rows[b24.Bool](nil), `[]`)
	checkEncoded(t, struct {
		M b24.Map[int]  `json:"m,omitzero"`
		R b24.Rows[int] `json:"r,omitzero"`
	}{}, `{}`)

	_, err := json.Marshal(b24.Rows[func()]{nil})
	assert.Error(t, err)
}

func BenchmarkRowsDecode(b *testing.B) {
	type row struct {
		ID    b24.ID
		Date  b24.DateTime
		Open  b24.Bool
		Sort  b24.Int
		Title string
	}
	rows := make(b24.Rows[json.RawMessage], 50)
	for i := range rows {
		rows[i] = json.RawMessage(`{"ID":"1234","DATE":"2025-02-05T09:06:19+02:00","OPEN":"Y","SORT":"100","TITLE":"A deal"}`)
	}
	text, err := json.Marshal(rows)
	require.NoError(b, err)
	for _, c := range codecs() {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var got b24.Rows[row]
				if err := c.unmarshal(text, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestMoneyDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.Money{Amount: "1", Currency: "before"}, []spelling[b24.Money]{
		{`"300|USD"`, b24.Money{Amount: "300", Currency: "USD"}},
		{`" 300.50 | USD "`, b24.Money{Amount: "300.50", Currency: "USD"}},
		{`"-0.10|BYN"`, b24.Money{Amount: "-0.10", Currency: "BYN"}},
		{`"|EUR"`, b24.Money{Currency: "EUR"}},
		{`"300|"`, b24.Money{Amount: "300"}},
		{`"300"`, b24.Money{Amount: "300"}},
		{`300.10`, b24.Money{Amount: "300.10"}},
		{`"1|A|B"`, b24.Money{Amount: "1", Currency: "A|B"}},
		{`"|"`, b24.Money{}},
		{`""`, b24.Money{}},
		{`null`, b24.Money{}},
		{`false`, b24.Money{}},
		{`[]`, b24.Money{}},
		{`{}`, b24.Money{}},
	})
	checkRefused(t, "Money", b24.Money{Amount: "1"}, `true`, `["300|USD"]`, `{"amount":1}`)
}

func TestMoneyEncode(t *testing.T) {
	t.Parallel()
	checkEncoded(t, b24.Money{Amount: "300", Currency: "USD"}, `"300|USD"`)
	checkEncoded(t, b24.Money{Currency: "EUR"}, `"|EUR"`)
	checkEncoded(t, b24.Money{Amount: "300"}, `"300"`)
	checkEncoded(t, b24.Money{}, `""`)
	checkEncoded(t, struct {
		M b24.Money `json:"m,omitzero"`
	}{}, `{}`)
	assert.Equal(t, "300|USD", b24.Money{Amount: "300", Currency: "USD"}.String())

	_, err := b24.Money{Amount: "3|0", Currency: "USD"}.MarshalText()
	assert.EqualError(t, err, `b24: Money: amount "3|0" holds a |`)
}

func TestNullOfNumber(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.NullOf(b24.Int(5)), []spelling[b24.Null[b24.Int]]{
		{`0`, b24.NullOf(b24.Int(0))},
		{`"0"`, b24.NullOf(b24.Int(0))},
		{`"12"`, b24.NullOf(b24.Int(12))},
		{`null`, b24.Null[b24.Int]{}},
		{`""`, b24.Null[b24.Int]{}},
		{`false`, b24.Null[b24.Int]{}},
		{`[]`, b24.Null[b24.Int]{}},
		{`{}`, b24.Null[b24.Int]{}},
	})
	checkRefused(t, "Int", b24.NullOf(b24.Int(5)), `"abc"`, `true`)
}

func TestNullOfBoolean(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.NullOf(b24.Bool(true)), []spelling[b24.Null[b24.Bool]]{
		{`false`, b24.NullOf(b24.Bool(false))},
		{`"N"`, b24.NullOf(b24.Bool(false))},
		{`0`, b24.NullOf(b24.Bool(false))},
		{`"Y"`, b24.NullOf(b24.Bool(true))},
		{`""`, b24.Null[b24.Bool]{}},
		{`null`, b24.Null[b24.Bool]{}},
		{`[]`, b24.Null[b24.Bool]{}},
	})
	checkSpellings(t, b24.NullOf(true), []spelling[b24.Null[bool]]{
		{`false`, b24.NullOf(false)},
		{`""`, b24.Null[bool]{}},
		{`null`, b24.Null[bool]{}},
	})
	checkSpellings(t, b24.Null[*bool]{}, []spelling[b24.Null[*bool]]{
		{`false`, b24.NullOf(new(bool))},
		{`null`, b24.Null[*bool]{}},
	})
}

func TestNullOfText(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.NullOf("before"), []spelling[b24.Null[string]]{
		{`"a"`, b24.NullOf("a")},
		{`" "`, b24.NullOf(" ")},
		{`""`, b24.Null[string]{}},
		{`false`, b24.Null[string]{}},
		{`[]`, b24.Null[string]{}},
	})
}

func TestNullOfWhatKnowsItsZero(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.NullOf(b24.Date{Year: 1}), []spelling[b24.Null[b24.Date]]{
		{`"0000-00-00"`, b24.Null[b24.Date]{}},
		{`"2024-12-26"`, b24.NullOf(b24.Date{Year: 2024, Month: 12, Day: 26})},
		{`{}`, b24.Null[b24.Date]{}},
	})
	checkSpellings(t, b24.NullOf(b24.Money{Amount: "1"}), []spelling[b24.Null[b24.Money]]{
		{`"|"`, b24.Null[b24.Money]{}},
		{`"|EUR"`, b24.NullOf(b24.Money{Currency: "EUR"})},
	})
}

func TestNullOfStructure(t *testing.T) {
	t.Parallel()
	type file struct{ Name string }
	checkSpellings(t, b24.NullOf(file{"before"}), []spelling[b24.Null[file]]{
		{`{"name":"a"}`, b24.NullOf(file{"a"})},
		{`{}`, b24.NullOf(file{})},
		{`[]`, b24.Null[file]{}},
		{`false`, b24.Null[file]{}},
		{`""`, b24.Null[file]{}},
	})
	checkSpellings(t, b24.Null[[]int]{}, []spelling[b24.Null[[]int]]{
		{`[1]`, b24.NullOf([]int{1})},
		{`[]`, b24.NullOf([]int{})},
		{`false`, b24.Null[[]int]{}},
	})
	checkSpellings(t, b24.Null[any]{}, []spelling[b24.Null[any]]{
		{`false`, b24.NullOf[any](false)},
		{`[]`, b24.NullOf[any]([]any{})},
		{`""`, b24.Null[any]{}},
	})
	checkSpellings(t, b24.Null[b24.Rows[b24.ID]]{}, []spelling[b24.Null[b24.Rows[b24.ID]]]{
		{`[7]`, b24.NullOf(b24.Rows[b24.ID]{"7"})},
		{`[]`, b24.NullOf(b24.Rows[b24.ID]{})},
		{`false`, b24.Null[b24.Rows[b24.ID]]{}},
	})
}

func TestNullKeepsItsValueOnError(t *testing.T) {
	t.Parallel()
	for _, c := range codecs() {
		n := b24.NullOf(map[string]int{"a": 1})
		require.Error(t, c.unmarshal([]byte(`{"b":2,"c":"x"}`), &n), c.name)
		assert.Equal(t, b24.NullOf(map[string]int{"a": 1}), n, c.name)
	}
}

func TestNullEncode(t *testing.T) {
	t.Parallel()
	checkEncoded(t, b24.NullOf(b24.Int(0)), `0`)
	checkEncoded(t, b24.NullOf(b24.Bool(false)), `"N"`)
	checkEncoded(t, b24.NullOf(b24.DateTime{}), `""`)
	checkEncoded(t, b24.Null[b24.Int]{V: 3}, `null`)
	checkEncoded(t, struct {
		A b24.Null[b24.Int] `json:"a,omitzero"`
		B b24.Null[b24.Int] `json:"b,omitzero"`
		C b24.Null[b24.Int] `json:"c"`
	}{A: b24.NullOf(b24.Int(0))}, `{"a":0,"c":null}`)

	_, err := json.Marshal(b24.NullOf(b24.Date{Year: 2024, Month: 2, Day: 30}))
	assert.ErrorContains(t, err, "b24: Date: there is no day 2024-02-30")
}

// Numbers in a text of their own keep their digits, wherever they are in our types.
func TestNumbersInsideOfOurTypes(t *testing.T) {
	t.Parallel()
	type row struct {
		N json.Number `json:"n"`
	}
	const big = "12345678901234567890123"
	for text, v := range map[string]any{
		big:                   new(b24.Null[json.Number]),
		`{"n":` + big + `}`:   new(b24.Null[row]),
		`[{"n":` + big + `}]`: new(b24.Rows[row]),
		`{"a":` + big + `}`:   new(b24.Map[json.Number]),
	} {
		require.NoError(t, json.Unmarshal([]byte(text), v), text)
		back, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, text, string(back))
	}
	p, h := newPortal(t)
	p.Handle("my.echo", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":{"a":` + big + `}}`}, nil })
	got, err := b24.Call[struct{ A b24.Null[json.Number] }](t.Context(), h, "my.echo", b24.Params{"x": b24.NullOf(json.Number(big))})
	require.NoError(t, err)
	assert.Equal(t, json.Number(big), got.A.V)
	assert.JSONEq(t, `{"x":`+big+`}`, string(p.Requests()[0].RawBody))
}

// PHP's empty array is no map, and its empty object no list.
func TestNullOfCollections(t *testing.T) {
	t.Parallel()
	var object b24.Null[map[string]int]
	require.NoError(t, json.Unmarshal([]byte(`[]`), &object))
	assert.False(t, object.Valid)
	require.NoError(t, json.Unmarshal([]byte(`{}`), &object))
	assert.True(t, object.Valid)
	var list b24.Null[[]int]
	require.NoError(t, json.Unmarshal([]byte(`{}`), &list))
	assert.False(t, list.Valid)
	require.NoError(t, json.Unmarshal([]byte(`[]`), &list))
	assert.True(t, list.Valid)
}

func TestEntityTypeID(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		id   b24.EntityTypeID
		want int
		name string
	}{
		{b24.EntityLead, 1, "LEAD"},
		{b24.EntityDeal, 2, "DEAL"},
		{b24.EntityContact, 3, "CONTACT"},
		{b24.EntityCompany, 4, "COMPANY"},
		{b24.EntityInvoice, 5, "INVOICE"},
		{b24.EntityQuote, 7, "QUOTE"},
		{b24.EntityRequisite, 8, "REQUISITE"},
		{b24.EntityOrder, 14, "ORDER"},
		{b24.EntitySmartInvoice, 31, "SMART_INVOICE"},
		{1038, 1038, "DYNAMIC_1038"},
	}
	for _, k := range kinds {
		assert.Equal(t, k.want, int(k.id))
		assert.Equal(t, k.name, k.id.String())
		checkSpellings(t, b24.EntityTypeID(9), []spelling[b24.EntityTypeID]{{`"` + k.name + `"`, k.id}})
	}
	assert.Equal(t, "0", b24.EntityTypeID(0).String())
	assert.Equal(t, "99", b24.EntityTypeID(99).String())
}

func TestEntityTypeIDDecode(t *testing.T) {
	t.Parallel()
	checkSpellings(t, b24.EntityTypeID(9), []spelling[b24.EntityTypeID]{
		{`2`, b24.EntityDeal},
		{`"2"`, b24.EntityDeal},
		{`" 31 "`, b24.EntitySmartInvoice},
		{`"deal"`, b24.EntityDeal},
		{`"Dynamic_177"`, 177},
		{`null`, 0},
		{`""`, 0},
		{`false`, 0},
		{`0`, 0},
	})
	checkRefused(t, "EntityTypeID", b24.EntityTypeID(9), `"abc"`, `"DYNAMIC_"`, `"DYNAMIC_5"`, `-1`, `2.5`, `5000000000`, `true`, `[2]`)
	checkEncoded(t, map[b24.EntityTypeID]b24.EntityTypeID{b24.EntityDeal: 177}, `{"2":177}`)
}

// decodedTime is what a spelling of a moment must come to.
type decodedTime struct {
	json  string
	want  string // in RFC 3339 with nanoseconds
	zoned bool
}

func TestDateTimeDecode(t *testing.T) {
	t.Parallel()
	spellings := []decodedTime{
		{`"2024-08-30T02:00:00+03:00"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00-09:30"`, "2024-08-30T02:00:00-09:30", true},
		{`"2024-08-30T02:00:00+00:00"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00-00:00"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00Z"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30t02:00:00z"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00+0300"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30 02:00:00 +03"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00.123456+03:00"`, "2024-08-30T02:00:00.123456+03:00", true},
		{`"2024-08-30T02:00:00,5Z"`, "2024-08-30T02:00:00.5Z", true},
		{`"2024-08-30T02:00:00.1234567899Z"`, "2024-08-30T02:00:00.123456789Z", true},
		{`"2024-08-30T02:00+03:00"`, "2024-08-30T02:00:00+03:00", true},
		{`" 2024-08-30T02:00:00+03:00 "`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30 02:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30"`, "2024-08-30T00:00:00Z", false},
		{`"30.08.2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"30.08.2024"`, "2024-08-30T00:00:00Z", false},
		{`"3.8.2024"`, "2024-08-03T00:00:00Z", false},
		{`"30-08-2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024/08/30 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08/30/2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08\/30\/2024 02:00:00 pm"`, "2024-08-30T14:00:00Z", false},
		{`"08/03/2024 02:00:00"`, "2024-08-03T02:00:00Z", false},
		{`"30/08/2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08/30/2024 12:00:00 am"`, "2024-08-30T00:00:00Z", false},
		{`"08/30/2024 12:00:00 PM"`, "2024-08-30T12:00:00Z", false},
		{`"08/30/2024 1:05am"`, "2024-08-30T01:05:00Z", false},
		{`"Fri Aug 30 2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"Sun Feb 4 2024 02:00:00"`, "2024-02-04T02:00:00Z", false},
		{`"2024-02-29"`, "2024-02-29T00:00:00Z", false},
		{`1724976000`, "2024-08-30T00:00:00Z", true},
		{`"1724976000"`, "2024-08-30T00:00:00Z", true},
		{`1724976000.25`, "2024-08-30T00:00:00.25Z", true},
		{`-1.5`, "1969-12-31T23:59:58.5Z", true},
		{`1.724976e9`, "2024-08-30T00:00:00Z", true},
		{`0`, "1970-01-01T00:00:00Z", true},
		{`253402300799`, "9999-12-31T23:59:59Z", true},
	}
	for _, c := range codecs() {
		for _, s := range spellings {
			got := b24.DateTime{Time: time.Unix(5, 0)}
			if assert.NoError(t, c.unmarshal([]byte(s.json), &got), s.json) {
				assert.Equal(t, s.want, got.Format(time.RFC3339Nano), s.json)
				assert.Equal(t, s.zoned, got.HasZone(), s.json)
			}
		}
	}
}

func TestDateTimeDecodeNone(t *testing.T) {
	t.Parallel()
	none := []string{
		`null`, `""`, `" "`, `false`, `[]`, `{}`, `"0000-00-00"`, `"0000-00-00 00:00:00"`, `"00.00.0000 00:00:00"`,
		`"-0001-11-30T00:00:00+02:30"`, `"0001-01-01T00:00:00Z"`,
	}
	for _, text := range none {
		checkSpellings(t, b24.DateTime{Time: time.Unix(5, 0)}, []spelling[b24.DateTime]{{text, b24.DateTime{}}})
		checkSpellings(t, b24.Null[b24.DateTime]{Valid: true}, []spelling[b24.Null[b24.DateTime]]{{text, b24.Null[b24.DateTime]{}}})
	}
}

func TestDateTimeRefuses(t *testing.T) {
	t.Parallel()
	checkRefused(t, "DateTime", b24.DateTime{Time: time.Unix(5, 0).UTC()},
		`"abc"`, `"2024-"`, `"2024-13-01"`, `"2024-02-30"`, `"2023-02-29"`, `"2024-00-10"`, `"2024-01-00"`, `"15-05"`,
		`"24-01-02"`, `"2024-01.02"`, `"2024-01-02-03"`, `"2024-01-02T"`, `"2024-01-02T24:00:00"`, `"2024-01-02T10"`,
		`"2024-01-02T10:60:00"`, `"2024-01-02T10:00:60"`, `"2024-01-02T10:0:00"`, `"2024-01-02T10:00:0"`, `"2024-01-02T10:00:00."`,
		`"2024-01-02T10:00:00+"`, `"2024-01-02T10:00:00+3"`, `"2024-01-02T10:00:00+03:"`, `"2024-01-02T10:00:00+03:0"`,
		`"2024-01-02T10:00:00+24:00"`, `"2024-01-02T10:00:00+03:60"`, `"2024-01-02T10:00:00Zx"`, `"2024-01-02T10:00:00 MSK"`, `"2024-01-02T10:00:00 xm"`,
		`"01/02/2024 13:00:00 pm"`, `"01/02/2024 00:00:00 am"`, `"13/13/2024"`, `"10:00:00"`, `"Wed Foo 11 2024 17:59:00"`,
		`1733932740000`, `253402300800`, `1e30`, `-1e30`, `true`, `[1]`, `{"a":1}`)
}

func TestDateTimeEncode(t *testing.T) {
	t.Parallel()
	lmt := time.FixedZone("LMT", 2*3600+30*60+17)
	moscow := time.FixedZone("", 3*3600)
	moments := []struct {
		time time.Time
		want string
	}{
		{time.Date(2024, 8, 30, 2, 0, 0, 999, moscow), `"2024-08-30T02:00:00+03:00"`},
		{time.Date(2024, 8, 30, 2, 0, 0, 0, time.FixedZone("", -9*3600-1800)), `"2024-08-30T02:00:00-09:30"`},
		{time.Date(2024, 8, 30, 2, 0, 0, 0, time.UTC), `"2024-08-30T02:00:00+00:00"`},
		{time.Date(1880, 1, 1, 2, 30, 17, 0, lmt), `"1880-01-01T00:00:00+00:00"`},
		{time.Date(2024, 1, 2, 1, 0, 0, 0, time.FixedZone("", 24*3600)), `"2024-01-01T01:00:00+00:00"`},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, moscow), `"9999-12-31T23:59:59+03:00"`},
		{time.Time{}, `""`},
	}
	for _, m := range moments {
		d := b24.DateTime{Time: m.time}
		checkEncoded(t, d, m.want)
		checkEncoded(t, &d, m.want)

		text, err := d.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, m.want, `"`+string(text)+`"`)
	}
	checkEncoded(t, map[b24.DateTime]int{{Time: moments[0].time}: 1}, `{"2024-08-30T02:00:00+03:00":1}`)
	checkEncoded(t, struct {
		D b24.DateTime `json:"d,omitzero"`
	}{}, `{}`)

	for _, year := range []int{-1, 10000} {
		_, err := json.Marshal(b24.DateTime{Time: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		assert.ErrorContains(t, err, "b24: DateTime: year ")
	}
}

func TestDateTimeAppendText(t *testing.T) {
	t.Parallel()
	b, err := b24.DateTime{Time: time.Unix(0, 0).UTC()}.AppendText([]byte("at "))
	require.NoError(t, err)
	assert.Equal(t, "at 1970-01-01T00:00:00+00:00", string(b))

	b, err = b24.DateTime{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}.AppendText([]byte("at "))
	assert.Error(t, err)
	assert.Equal(t, "at ", string(b))
}

func TestDateTimeText(t *testing.T) {
	t.Parallel()
	var d b24.DateTime
	require.NoError(t, d.UnmarshalText([]byte("2024-08-30T02:00:00+03:00")))
	assert.Equal(t, "2024-08-30T02:00:00+03:00", d.Format(time.RFC3339))
	assert.EqualError(t, d.UnmarshalText([]byte("abc")), "b24: DateTime: cannot read abc")
	assert.False(t, d.IsZero())
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
}

func TestDateTimeAssumeZone(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("", 3*3600)
	bare := decodeInto[b24.DateTime](t, codecs()[0], json.RawMessage(`"2024-08-30 02:00:00.5"`))
	require.False(t, bare.HasZone())

	there := bare.AssumeZone(moscow)
	assert.True(t, there.HasZone())
	assert.Equal(t, time.Date(2024, 8, 30, 2, 0, 0, 500_000_000, moscow), there.Time)
	assert.Equal(t, there, there.AssumeZone(time.UTC), "a known zone stays")
	assert.Equal(t, time.Date(2024, 8, 30, 2, 0, 0, 500_000_000, time.UTC), bare.AssumeZone(nil).Time)
	assert.True(t, b24.DateTime{}.AssumeZone(moscow).IsZero())
}

func TestDateTimeGob(t *testing.T) {
	t.Parallel()
	type row struct{ At b24.DateTime }
	want := row{b24.DateTime{Time: time.Date(2024, 8, 30, 2, 0, 0, 5, time.FixedZone("", 3*3600))}}

	var buf bytes.Buffer
	require.NoError(t, gob.NewEncoder(&buf).Encode(want))
	var got row
	require.NoError(t, gob.NewDecoder(&buf).Decode(&got))
	assert.True(t, want.At.Equal(got.At.Time))
}

func TestDateDecode(t *testing.T) {
	t.Parallel()
	day := b24.Date{Year: 2001, Month: time.November, Day: 11}
	checkSpellings(t, b24.Date{Year: 1}, []spelling[b24.Date]{
		{`"2001-11-11"`, day},
		{`"2001-11-11T02:00:00+02:00"`, day},
		{`"2001-11-11T00:00:00+14:00"`, day},
		{`"2001-11-11T23:59:59-12:00"`, day},
		{`"11.11.2001"`, day},
		{`"11.11.2001 00:00:00"`, day},
		{`"11\/11\/2001"`, day},
		{`"Sun Nov 11 2001 00:00:00"`, day},
		{`"2024-02-29"`, b24.Date{Year: 2024, Month: 2, Day: 29}},
		{`"2000-02-29"`, b24.Date{Year: 2000, Month: 2, Day: 29}},
		{`"12/24/2024"`, b24.Date{Year: 2024, Month: 12, Day: 24}},
		{`"24/12/2024"`, b24.Date{Year: 2024, Month: 12, Day: 24}},
		{`"0001-01-01"`, b24.Date{Year: 1, Month: 1, Day: 1}},
		{`"0000-00-00"`, b24.Date{}},
		{`"-0001-11-30T00:00:00+02:00"`, b24.Date{}},
		{`" "`, b24.Date{}},
		{`""`, b24.Date{}},
		{`null`, b24.Date{}},
		{`false`, b24.Date{}},
		{`[]`, b24.Date{}},
		{`{}`, b24.Date{}},
	})
	checkRefused(t, "Date", b24.Date{Year: 1}, `"2024-02-30"`, `"2023-02-29"`, `"1900-02-29"`, `"2024-04-31"`, `"2024-13-01"`,
		`"15-05"`, `"abc"`, `"2024-01-02T99"`, `"1724976000"`, `1724976000`, `0`, `true`, `["2024-01-01"]`)
}

func TestDateEncode(t *testing.T) {
	t.Parallel()
	day := b24.Date{Year: 814, Month: time.March, Day: 5}
	checkEncoded(t, day, `"0814-03-05"`)
	checkEncoded(t, b24.Date{}, `""`)
	checkEncoded(t, map[b24.Date]int{day: 1}, `{"0814-03-05":1}`)
	checkEncoded(t, struct {
		D b24.Date `json:"d,omitzero"`
	}{}, `{}`)
	assert.Equal(t, "0814-03-05", day.String())
	assert.Empty(t, b24.Date{}.String())

	for _, none := range []b24.Date{{2024, 2, 30}, {2024, 13, 1}, {2024, 0, 1}, {2024, 1, 0}, {10000, 1, 1}, {-1, 1, 1}, {2024, 0, 0}} {
		_, err := none.MarshalText()
		assert.ErrorContains(t, err, "b24: Date: there is no day ", "%v", none)
	}
}

func TestDateText(t *testing.T) {
	t.Parallel()
	var d b24.Date
	require.NoError(t, d.UnmarshalText([]byte("2024-12-26")))
	assert.Equal(t, b24.Date{Year: 2024, Month: 12, Day: 26}, d)
	assert.EqualError(t, d.UnmarshalText([]byte("abc")), "b24: Date: cannot read abc")
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
}

func TestDateAndTime(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("", 3*3600)
	day := b24.Date{Year: 2024, Month: 12, Day: 26}

	assert.Equal(t, day, b24.DateOf(time.Date(2024, 12, 26, 1, 0, 0, 0, moscow)))
	assert.Equal(t, time.Date(2024, 12, 26, 0, 0, 0, 0, moscow), day.In(moscow))
	assert.Equal(t, time.Date(2024, 12, 26, 0, 0, 0, 0, time.UTC), day.In(nil))
	assert.True(t, b24.DateOf(time.Time{}).IsZero())
	assert.True(t, b24.Date{}.In(moscow).IsZero())
}

func BenchmarkDateTimeDecode(b *testing.B) {
	for _, text := range []string{
		"2025-02-05T09:06:19+02:00", "2025-02-05 09:06:19", "24.08.2023 13:19:39", "12/24/2024 05:59:00 pm", "Wed Dec 11 2024 17:59:00",
		"1733932740",
	} {
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			value := []byte(`"` + text + `"`)
			b.ReportAllocs()
			var d b24.DateTime
			for b.Loop() {
				if err := d.UnmarshalJSON(value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A time with a fraction is refused wherever a caller writes it, but not where a type writes it in
// its own way.
func TestTimeWithAFraction(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "echo", true)
	now := time.Date(2026, 11, 30, 8, 0, 0, 1, time.UTC)
	type record struct {
		At *time.Time `json:"at"`
	}
	for name, v := range map[string]any{
		"a filter": b24.Params{"filter": b24.Params{">=DATE_MODIFY": now}}, "a struct": record{At: &now},
		"a list": b24.Params{"a": []time.Time{now}}, "a map": map[string]time.Time{"at": now},
	} {
		_, err := h.CallMethod(t.Context(), "echo", v)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.ErrorContains(t, err, "write b24.DateTimeOf(t)", name)
	}
	assert.Empty(t, p.Requests())
	whole := now.Truncate(time.Second)
	for name, v := range map[string]any{
		"a whole second": record{At: &whole}, "none": record{}, "a DateTime": b24.Params{"at": b24.DateTimeOf(now)},
		"a pointer to one": b24.Params{"at": &b24.DateTime{Time: now}}, "rows": b24.Params{"at": b24.Rows[b24.DateTime]{{Time: now}}}, "its own way": &ownTime{now},
		"its own way inside": b24.Params{"a": []any{ownTime{now}}},
	} {
		_, err := h.CallMethod(t.Context(), "echo", v)
		require.NoError(t, err, name)
	}
}

type ownTime struct{ At time.Time }

func (o ownTime) MarshalJSON() ([]byte, error) {
	return []byte(`{"day":"` + o.At.Format(time.DateOnly) + `"}`), nil
}
