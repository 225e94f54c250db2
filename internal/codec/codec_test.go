package codec_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/codec"
)

type address struct {
	City string `json:"city,omitempty"`
	Zip  json.Number
}

type company struct {
	ID      int `json:"ID,string"`
	Title   string
	Address *address
	Tags    []string       `json:",omitempty"`
	Extra   map[string]any `json:"extra"`
	Raw     json.RawMessage
	Skipped string `json:"-"`
}

// Each document must mean to the codec what it means to encoding/json.
func documents() []string {
	return []string{
		`{"ID":"12","title":"a","ADDRESS":{"CITY":"Riga","zip":1010},"extra":{"n":1.5,"deep":[1,{"x":null}]},"Raw":{"a" : 1}}`,
		`{"Title":"a","Title":"b"}`,
		"{\"Title\":\"\xff\xfe\"}",
		`{"ID":12}`,
		`{"Title":7}`,
		`{"Address":{"Zip":"7"}}`,
		`{"Address":{"Zip":"no number"}}`,
		`{"Tags":["a",1,"b"],"Title":"after"}`,
		`{"Tags":{"0":"a"}}`,
		`{"extra":[]}`,
		`{"Title":"\u003Cb\u003E \/ \ud83d\ude00 \ud800"}`,
		`null`,
		`[]`,
		`{"Title":`,
		`{"unknown":1}`,
	}
}

func TestUnmarshalAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range documents() {
		var want, got company
		wantErr := json.Unmarshal([]byte(doc), &want) //nolint:musttag // names without a tag are part of the test

		err := codec.Unmarshal([]byte(doc), &got)

		assert.Equal(t, want, got, doc)
		assert.Equal(t, wantErr == nil, err == nil, "%s: %v against %v", doc, err, wantErr)
	}
}

// Whatever JSON comes, and whatever the target held before, the codec decodes what encoding/json does.
func FuzzUnmarshal(f *testing.F) {
	for _, doc := range documents() {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if !json.Valid(doc) {
			require.Error(t, codec.Unmarshal(doc, new(company)))
			return
		}
		filled := func() *company {
			return &company{ID: 5, Title: "before", Address: &address{City: "Riga"}, Tags: []string{"x", "y"}, Extra: map[string]any{"k": 1.0}}
		}
		want, got := filled(), filled()
		wantErr := json.Unmarshal(doc, want) //nolint:musttag // names without a tag are part of the test

		err := codec.Unmarshal(doc, got)

		require.Equal(t, wantErr == nil, err == nil, "%v against %v", err, wantErr)
		if err == nil { // how far an error lets the rest be decoded differs
			require.Equal(t, want, got)
		}
	})
}

func TestUnmarshalReportsTheErrorTypeOfEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`{"Title":7}`, `{"Address":{"city":[]}}`, `{"Tags":["a",1]}`} {
		var want, got *json.UnmarshalTypeError
		require.ErrorAs(t, json.Unmarshal([]byte(doc), new(company)), &want) //nolint:musttag // see above

		require.ErrorAs(t, codec.Unmarshal([]byte(doc), new(company)), &got)

		assert.True(t, strings.HasPrefix(got.Field, want.Field), got.Field) // ours names the element of a list too
		assert.Equal(t, want.Value, got.Value)
		assert.Equal(t, want.Type, got.Type)
	}
}

func TestMarshalAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	values := []any{
		nil,
		map[string]any{"b": 1, "a": json.Number("12.50"), "<": "&"},
		company{ID: 7, Title: "<b>", Raw: json.RawMessage(`{"z": 1, "a":2}`)},
		&company{Address: &address{Zip: "5"}},
		[]any{1, "x", nil, []byte("abc"), map[int]string{2: "b", 1: "a"}},
		json.RawMessage(`{"a":1,"a":2}`),
		[]string(nil),
		map[string]string(nil),
		1e21, 1.0, float32(0.1),
	}
	for _, v := range values {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(v))

		got, err := codec.Marshal(v)

		require.NoError(t, err)
		assert.Equal(t, want.String(), string(got)+"\n")
	}
}

// A tag that encoding/json understands in part is no reason to refuse the value; a field that would be left out is.
func TestMarshalOddTags(t *testing.T) {
	t.Parallel()
	for tag, v := range map[string]any{
		`json:"a, omitempty"`:            0, // go vet knows these, and a struct made of them is not ours
		`json:"a,omitempty,omitempty"`:   0,
		`json:"-,"`:                      1,
		`json:",string"`:                 []int{1},
		`json:"a,string"`:                map[string]any{"b": 2},
		`json:"a,string" xml:"b,string"`: time.Time{},
	} {
		v = tagged(tag, v)
		want, err := json.Marshal(v)
		require.NoError(t, err)

		got, err := codec.Marshal(v)

		require.NoError(t, err, tag)
		assert.Equal(t, string(want), string(got))
	}
	embedded := struct {
		Number
		Title string
	}{"5", "a"}
	got, err := codec.Marshal(embedded)
	require.NoError(t, err)
	assert.Equal(t, `{"Number":"5","Title":"a"}`, string(got)) //nolint:testifylint // byte for byte
	for _, v := range []any{struct{ id int }{1}, tagged(`json:"x"`, 1, 2)} {
		_, err := codec.Marshal(v)

		assert.Error(t, err)
	}
}

// Number is a type that a struct may embed and is none itself.
type Number string

// tagged returns a struct whose fields have the tag.
func tagged(tag string, values ...any) any {
	fields := make([]reflect.StructField, len(values))
	for i, v := range values {
		fields[i] = reflect.StructField{Name: "F" + strconv.Itoa(i), Type: reflect.TypeOf(v), Tag: reflect.StructTag(tag)}
	}
	made := reflect.New(reflect.StructOf(fields)).Elem()
	for i, v := range values {
		made.Field(i).Set(reflect.ValueOf(v))
	}
	return made.Interface()
}

func TestMarshalNamesWhatHasNoJSON(t *testing.T) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for path, v := range map[string]any{
		"fields.RATE":     map[string]any{"fields": map[string]any{"RATE": math.NaN()}},
		"fields.LIST.1":   map[string]any{"fields": map[string]any{"LIST": []any{1, math.Inf(1)}}},
		"done":            map[string]any{"done": make(chan int)},
		"call":            map[string]any{"call": func() {}},
		"amount":          map[string]any{"amount": json.Number("12,5")},
		"raw":             map[string]any{"raw": json.RawMessage(`{`)},
		"self.self.self.": cyclic,
	} {
		_, err := codec.Marshal(v)

		var pe *codec.PathError
		require.ErrorAs(t, err, &pe, path)
		assert.Contains(t, pe.Path, path)
		assert.Less(t, len(err.Error()), 200)
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	doc := []byte(documents()[0])
	b.ReportAllocs()
	for b.Loop() {
		var v company
		if err := codec.Unmarshal(doc, &v); err != nil {
			b.Fatal(err)
		}
	}
}
