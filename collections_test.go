package b24_test

import (
	"encoding/json"
	"testing"

	jsonx "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
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
