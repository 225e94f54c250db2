package b24_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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
