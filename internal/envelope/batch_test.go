package envelope_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/jsonwalk"
)

// batchAnswer has each section, as a list or as an object.
const batchAnswer = `{"result": {"result":{"a":[{"ID":"1"},{"ID":"]"}],"c":null},"result_error":{"b":{"error":"X","error_description":"d"}},` +
	`"result_total":{"a":2},"result_next":{"a":"50"},"result_time":[{"operating":1},{}]} ,"time":{"operating":0.5}}`

func TestParseBatch(t *testing.T) {
	t.Parallel()
	got, err := envelope.ParseBatch([]byte(batchAnswer))
	require.NoError(t, err)

	assert.Equal(t, map[string]envelope.Envelope{
		"a": {Result: []byte(`[{"ID":"1"},{"ID":"]"}]`), Total: present(2), Next: present(50)},
		"b": {Failure: &envelope.Failure{Code: "X", Description: "d"}},
		"c": {Result: []byte(`null`)},
		"0": {Time: []byte(`{"operating":1}`)},
		"1": {Time: []byte(`{}`)},
	}, got.Rows)

	plain, err := envelope.Parse([]byte(batchAnswer))
	require.NoError(t, err)
	got.Rows = nil
	assert.Equal(t, plain, got, "the rest is that of any answer")
}

func TestParseBatchRows(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]map[string]envelope.Envelope{
		`{"result":{}}`: {},
		`{"result":{"result":[],"result_error":{},"result_total":null,"result_next":"x","result_time":7}}`: {},
		`{"result":{"result":[1,"2",[3],{"4":5}]}}`: {
			"0": {Result: []byte(`1`)}, "1": {Result: []byte(`"2"`)}, "2": {Result: []byte(`[3]`)}, "3": {Result: []byte(`{"4":5}`)},
		},
		` { "result" : { "result" : { "\u0061" : 1 , "b" : [ 2 ] } } } `: {"a": {Result: []byte(`1`)}, "b": {Result: []byte(`[ 2 ]`)}},
		`{"result":{"result_error":["",null,[],"QUERY_LIMIT_EXCEEDED","Not found."]}}`: {
			"0": {Failure: &envelope.Failure{}}, "1": {}, "2": {},
			"3": {Failure: &envelope.Failure{Code: "QUERY_LIMIT_EXCEEDED"}}, "4": {Failure: &envelope.Failure{Description: "Not found."}},
		},
		`{"result":{"other":[1,2],"result":[3]}}`:               {"0": {Result: []byte(`3`)}},
		`{"result":{"result":[1]},"result":{"result":{"x":2}}}`: {"x": {Result: []byte(`2`)}}, // the last one counts
		`{"result":{"result":[1]},"result":[2]}`:                nil,
		`{"result":[1]}`:                                        nil,
		`{"result":true}`:                                       nil,
		`{"error":"X"}`:                                         nil,
	} {
		got, err := envelope.ParseBatch([]byte(body))

		assert.NoError(t, err, body)
		assert.Equal(t, want, got.Rows, body)
	}
}

func TestParseBatchRefusesEveryCut(t *testing.T) {
	t.Parallel()
	for i := range len(batchAnswer) {
		got, err := envelope.ParseBatch([]byte(batchAnswer[:i]))

		assert.ErrorIs(t, err, envelope.ErrNotEnvelope, batchAnswer[:i])
		assert.Equal(t, envelope.Envelope{}, got, batchAnswer[:i])
	}
}

func TestParseBatchSharesTheBodySafely(t *testing.T) {
	t.Parallel()
	body := []byte(batchAnswer)
	e, err := envelope.ParseBatch(body)
	require.NoError(t, err)

	_ = append(e.Result, "overwritten"...)
	_ = append(e.Rows["a"].Result, "overwritten"...)

	assert.True(t, bytes.Equal([]byte(batchAnswer), body))
}

// What ParseBatch says of an answer is what Parse says of it, and its rows are what
// another walk finds in the result.
func FuzzParseBatch(f *testing.F) {
	for _, seed := range []string{
		batchAnswer, `{"result":[]}`, `{"result":{}}`, `{"result":{"result":[1,]}}`, `{"result":{"result":{"a":1 "b":2}}}`, `{"result":{"result":[1}}`,
		`{"result":{"result":[1,2],"result":[3]},"result":{"result_time":{"a":{}}}}`, `{"result":{"result_error":[{"error":{"code":"X"}}]},"error":""}`,
		`{"result":{"result":{"` + "\xff" + `":1}}}`, `{"result":{"result":[01]}}`, "\ufeff" + `{"result" : {"result":["\ud800"]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, wantErr := envelope.Parse(body)
		got, err := envelope.ParseBatch(body)
		if wantErr != nil {
			require.ErrorIs(t, err, envelope.ErrNotEnvelope)
			require.Equal(t, envelope.Envelope{}, got)
			return
		}
		require.NoError(t, err)
		require.Equal(t, results(want.Result), rowResults(got.Rows))
		got.Rows = nil
		require.Equal(t, want, got)
	})
}

// results finds the entries of the section named result.
func results(batch []byte) map[string]string {
	if len(batch) == 0 || batch[0] != '{' {
		return nil
	}
	found := make(map[string]string)
	jsonwalk.Members(batch, func(quoted, section []byte) bool {
		if name(quoted) != "result" {
			return true
		}
		n := 0
		jsonwalk.Elements(section, func(v []byte) bool {
			found[strconv.Itoa(n)] = string(v)
			n++
			return true
		})
		jsonwalk.Members(section, func(quoted, v []byte) bool {
			found[name(quoted)] = string(v)
			return true
		})
		return true
	})
	return found
}

func name(quoted []byte) string {
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return "no JSON"
	}
	return s
}

func rowResults(rows map[string]envelope.Envelope) map[string]string {
	if rows == nil {
		return nil
	}
	found := make(map[string]string)
	for key, row := range rows {
		if row.Result != nil {
			found[key] = string(row.Result)
		}
	}
	return found
}
