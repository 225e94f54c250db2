package b24_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

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
