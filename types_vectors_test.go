package b24_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	jsonx "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

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
