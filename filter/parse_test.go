package filter_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/filter"
)

func nan() float64          { return math.NaN() }
func inf() float64          { return math.Inf(1) }
func negativeZero() float64 { return math.Copysign(0, -1) }

func TestReadShortForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`["id",1]`:                   `["id","=",1]`,
		`["id",[1, 2]]`:              `["id","in",[1,2]]`,
		`[["id",1],["a",">=",0.50]]`: `[["id","=",1],["a",">=",0.50]]`,
		`{"conditions":[["id",1]]}`:  `[["id","=",1]]`,
		`{"logic":"or","conditions":[["id",1],[["a",1],["b",2]]]}`: `{"type":"filter","logic":"or","conditions":[["id","=",1],` +
			`{"type":"filter","logic":"and","conditions":[["a","=",1],["b","=",2]]}]}`,
		`{"negative":true,"conditions":[["id",1]]}`:          `{"type":"filter","logic":"and","negative":true,"conditions":[["id","=",1]]}`,
		`[{"expression":"length","parameters":"t"},">",1]`:   `[{"expression":"length","parameters":"t"},">",1]`,
		`["a","=",{"expression":"column","parameters":"b"}]`: `["a","=",{"expression":"column","parameters":"b"}]`,
		` [ ] `:                 `[]`,
		`{"conditions":[]}`:     `[]`,
		`["n","between",[0,9]]`: `[["n",">=",0],["n","<=",9]]`,
		`["a","in",[null]]`:     `["a","in",[null]]`,
	} {
		var node filter.Node
		require.NoError(t, json.Unmarshal([]byte(text), &node), text)
		assert.Equal(t, want, node.String(), text)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	before := filter.Eq("kept", 1)
	for text, want := range map[string]string{
		`{">id":1}`:                               `{">id":1} is not a group`,
		`{}`:                                      `{} is a group without conditions`,
		`{"logic":"xor","conditions":[["a",1]]}`:  `"xor" is not a valid logic`,
		`{"logic":"or","conditions":[]}`:          `or: no alternative`,
		`{"negative":true,"conditions":[]}`:       `not: no condition`,
		`{"negative":1,"conditions":[]}`:          `is not a group`,
		`{"type":"condition","conditions":[]}`:    `without "type":"filter"`,
		`[{"logic":"or","conditions":[["a",1]]}]`: `without "type":"filter"`,
		`{"conditions":[{"type":"filter","conditions":[{"conditions":[["a",1]]}]}]}`: `without "type":"filter"`,
		`{"conditions":[{"type":"filter","conditions":[["a","like",1]]}]}`:           `"a": "like" is not an operator`,
		`["a"]`:                    `"a": a condition has two or three elements, not 1`,
		`["a","=",1,2]`:            `not 4`,
		`["a","=",[1]]`:            `"a" =: the value is not a single value`,
		`["a","=",{}]`:             `"a" =: the value is not a single value`,
		`["a",null]`:               `"a" =: nil`,
		`["a","in",1]`:             `"a" in: the values are not a list`,
		`["a","in",[]]`:            `"a" in: 0 values`,
		`["a","in",[[1]]]`:         `"a" in: an element of the list`,
		`["a","between",[1]]`:      `"a" between: 1 values`,
		`["a","between",[1,null]]`: `"a" between: an element of the list`,
		`["","=",1]`:               `the name of the field is empty`,
		`["a","=",{"expression":"sum","parameters":"b"}]`: `is not a field, a column or a length`,
		`[1,"=",1]`: `not 1`,
		`"a"`:       `not "a"`,
		strings.Repeat("[", 200) + strings.Repeat("]", 200): `too deep`,
	} {
		node := before
		err := json.Unmarshal([]byte(text), &node)
		require.ErrorContains(t, err, want, text)
		assert.True(t, strings.HasPrefix(err.Error(), "filter: "), err)
		assert.Equal(t, before, node, "an error leaves the node as it was")
	}
}

func TestReadNull(t *testing.T) {
	t.Parallel()
	node := filter.Eq("kept", 1)
	require.NoError(t, json.Unmarshal([]byte("null"), &node))
	assert.Equal(t, filter.Eq("kept", 1), node)
}

// FuzzRead: what can be read encodes as valid JSON that reads as the same filter.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`[]`, `null`, `["id",1]`, `["id",[1]]`, `[["a","=","x"],{"type":"filter","logic":"or","negative":true,"conditions":[["b",">",1.0]]}]`,
		`{"conditions":[]}`, `["n","between",[0,1]]`, `[{"expression":"length","parameters":"t"},"<",3]`, `[[[["a",1]]]]`, `{">id":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var node, again filter.Node
		if node.UnmarshalJSON(data) != nil || !json.Valid(data) {
			return
		}
		text, err := node.MarshalJSON()
		require.NoError(t, err)
		require.True(t, json.Valid(text), "%s", text)
		require.NoError(t, again.UnmarshalJSON(text), "%s", text)
		assert.Equal(t, string(text), again.String())
	})
}

// FuzzBuild: a condition of whatever text and numbers is valid JSON that holds them, or an error.
func FuzzBuild(f *testing.F) {
	f.Add("title", "x", int64(1), 1.5)
	f.Add("", "", int64(0), 0.0)
	f.Add("a\"b", "<\u2028\x00>", int64(-1<<63), -1e300)
	f.Add("\xff", "\xff", int64(9), math.Inf(-1))
	f.Fuzz(func(t *testing.T, field, text string, whole int64, part float64) {
		node := filter.And(filter.Eq(field, text), filter.Or(filter.In(field, whole, part), filter.Between(field, part, part)))
		out, err := node.MarshalJSON()
		require.Equal(t, node.Err() == nil, err == nil)
		if err != nil {
			return
		}
		var got []any
		require.NoError(t, json.Unmarshal(out, &got))
		first, ok := got[0].([]any)
		require.True(t, ok)
		assert.Equal(t, []any{field, "=", text}, first)
		var again filter.Node
		require.NoError(t, json.Unmarshal(out, &again))
		assert.Equal(t, node.String(), again.String())
	})
}
