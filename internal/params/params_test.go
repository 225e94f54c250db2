package params_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/params"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	type filter struct {
		Stage string `json:"STAGE_ID"`
	}
	var nilMap map[string]any
	var nilStruct *filter
	for _, test := range []struct {
		method string
		v      any
		want   string
	}{
		{"a", nil, `{}`},
		{"a", nilMap, `{}`},
		{"a", nilStruct, `{}`},
		{"a", map[string]any{"id": 1, "FIELDS": map[string]any{"b": 1, "a": nil}}, `{"FIELDS":{"a":null,"b":1},"id":1}`},
		{"a", filter{"NEW"}, `{"STAGE_ID":"NEW"}`},
		{"a", json.RawMessage(`{ "z": 1, "a": [1, 2] }`), `{"z":1,"a":[1,2]}`},
		{"a", map[string]any{"start": 50, "big": json.Number("9007199254740993")}, `{"big":9007199254740993,"start":50}`},
		{"a", map[string]any{"start": "100"}, `{"start":"100"}`},
		{"event.offline.get", map[string]any{"auth_connector": "acme"}, `{"auth_connector":"acme"}`},
		{"a", map[string]any{"start": -1}, `{"start":-1}`},
		{"crm.timeline.logmessage.list", map[string]any{"start": 20}, `{"start":20}`},
		{"task.commentitem.add", []any{12, map[string]any{"POST_MESSAGE": "x"}}, `[12,{"POST_MESSAGE":"x"}]`},
		{"Task.Item.list", json.RawMessage(`[[],{"a":1}]`), `[[],{"a":1}]`},
		{"a", map[string]any{"fields": map[string]any{"auth": 1, "token": 2}}, `{"fields":{"auth":1,"token":2}}`},
	} {
		got, err := params.Encode(test.method, test.v)

		require.NoError(t, err)
		assert.Equal(t, test.want, string(got))
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path string
		v    any
	}{
		{"fields.RATE", map[string]any{"fields": map[string]any{"RATE": math.NaN()}}},
		{"fields.0", map[string]any{"fields": []any{math.Inf(-1)}}},
		{"x.done", map[string]any{"x": map[string]any{"done": make(chan int)}}},
		{"call", map[string]any{"call": func() {}}},
		{"", json.RawMessage(`{"a":"\ud800"}`)}, // PHP would call the method bare
		{"", json.RawMessage("{\"a\":\"\xff\"}")},
		{"a", map[string]any{"a": json.RawMessage("\"\xff\"")}},
		{"fields.TITLE", map[string]any{"fields": map[string]any{"TITLE": "caf\xe9"}}},
		{"", map[string]any{"caf\xe9": 1}},
		{"", json.RawMessage(`{"TITLE":"caf\ufffd"}`)},
		{"", json.RawMessage(`{"a":` + strings.Repeat("[", 512) + strings.Repeat("]", 512) + `}`)},
		{"", json.RawMessage(`{"\udc00x":1}`)},
		{"auth", map[string]any{"auth": "x"}},
		{"access_token", map[string]any{"access_token": "x"}},
		{"ap", map[string]any{"ap": "x"}},
		{"aplogin", map[string]any{"aplogin": "x"}},
		{"sessid", map[string]any{"sessid": "x"}},
		{"state", map[string]any{"state": "x"}},
		{"method", map[string]any{"method": "x"}},
		{"token", map[string]any{"token": "x"}},
		{"token", json.RawMessage(`{"a":1,"\u0074oken":2}`)},
		{"start", map[string]any{"start": 75}},
		{"start", map[string]any{"start": -2}},
		{"start", map[string]any{"start": "later"}},
		{"start", map[string]any{"start": nil}},
		{"", 12},
		{"", "fields"},
		{"", []any{1}},
		{"", true},
	} {
		_, err := params.Encode("crm.deal.add", test.v)

		var pe *params.Error
		require.ErrorAs(t, err, &pe, "%v", test.path)
		assert.Equal(t, test.path, pe.Path)
		assert.NotContains(t, err.Error(), "circular")
	}
}

func TestEncodeCycle(t *testing.T) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = map[string]any{"again": cyclic}

	_, err := params.Encode("crm.deal.add", cyclic)

	require.ErrorContains(t, err, "self.again.self")
	assert.ErrorContains(t, err, "cycle")
	assert.Less(t, len(err.Error()), 200)
}

func TestStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, set string }{
		{`{}`, `{"start":50}`},
		{`{"a":{"start":1}}`, `{"start":50,"a":{"start":1}}`},
		{`{"start":0}`, `{"start":50}`},
		{`{"b":"x,y","start":0,"a\"":[1,2]}`, `{"start":50,"b":"x,y","a\"":[1,2]}`},
	} {
		set, err := params.SetStart([]byte(test.body), 50)
		require.NoError(t, err)

		assert.Equal(t, test.set, string(set))
	}
	_, err := params.SetStart([]byte(`[1]`), 50)
	assert.Error(t, err)
}

func FuzzSetStart(f *testing.F) {
	f.Add([]byte(`{"b":"x,y","start":0,"a\"":[1,2]}`))
	f.Add([]byte(`{"\u0073tart":1,"start":2}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		body, err := params.Encode("a", json.RawMessage(doc))
		if err != nil {
			return
		}
		set, err := params.SetStart(body, 50)
		require.NoError(t, err)
		var before, after map[string]any
		require.NoError(t, json.Unmarshal(body, &before))
		require.NoError(t, json.Unmarshal(set, &after), string(set))
		before["start"] = 50.0
		assert.Equal(t, before, after)
	})
}

// What is sent is a compact object, or a list where places count; it says what the
// caller said, and once encoded it stays as it is.
func FuzzEncode(f *testing.F) {
	f.Fuzz(func(t *testing.T, method string, doc []byte) {
		body, err := params.Encode(method, json.RawMessage(doc))
		var pe *params.Error
		if err != nil {
			require.ErrorAs(t, err, &pe)
			return
		}
		require.True(t, json.Valid(body), string(body))
		if body[0] != '{' {
			require.True(t, body[0] == '[' && params.Positional(method), string(body))
		}
		again, err := params.Encode(method, json.RawMessage(body))
		require.NoError(t, err)
		assert.Equal(t, string(body), string(again))
		if said := decoded(t, doc); said != nil {
			assert.Equal(t, said, decoded(t, body))
		}
	})
}

// decoded keeps numbers as they are written.
func decoded(t *testing.T, doc []byte) (v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v))
	return v
}
