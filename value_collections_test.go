package b24_test

import (
	"encoding/json"
	"testing"

	jsonx "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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
