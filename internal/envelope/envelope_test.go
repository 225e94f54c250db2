package envelope_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/envelope"
)

// answer is a list's answer as a portal sends it.
const answer = `{"result":[{"ID":"1","TITLE":"\u003Cb\u003E \"x\" \\","UF":[],"O":{"a":null,"b":[1.5e3,-0,true]}},{"ID":"2","TITLE":"сделка"}],` +
	`"next":50,"total":120,"time":{"start":1724068028.331234,"finish":1724068028.726591,"duration":0.3953571319580078,` +
	`"processing":0.13033390045166016,"date_start":"2024-08-21T13:47:08+02:00","date_finish":"2024-08-21T13:47:08+02:00",` +
	`"operating_reset_at":1724241028,"operating":0}}`

func present(n int) envelope.Int { return envelope.Int{N: n, OK: true} }

func TestParseSuccess(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]envelope.Envelope{
		`{"result":{"ID":"1"}}`:                        {Result: []byte(`{"ID":"1"}`)},
		`{"result":[ 1 , 2 ]}`:                         {Result: []byte(`[ 1 , 2 ]`)},
		`{"result":null}`:                              {Result: []byte(`null`)},
		`{"result":{}}`:                                {Result: []byte(`{}`)},
		`{"result":[]}`:                                {Result: []byte(`[]`)},
		`{"result":false}`:                             {Result: []byte(`false`)},
		`{"result":0}`:                                 {Result: []byte(`0`)},
		`{"result":""}`:                                {Result: []byte(`""`)},
		`{"result":12345678901234567890.10}`:           {Result: []byte(`12345678901234567890.10`)},
		`{"result":"\u0041\ud83d\ude00\ud83d\/"}`:      {Result: []byte(`"\u0041\ud83d\ude00\ud83d\/"`)}, // half a pair too
		" \r\n\t{ \"result\" : 1 , \"total\" : 2 } \n": {Result: []byte(`1`), Total: present(2)},
		"\ufeff" + `{"result":1}`:                      {Result: []byte(`1`)}, // BOM
		"\ufeff\ufeff" + `{"result":1}`:                {Result: []byte(`1`)}, // one for each file of PHP's
		" \r\n\ufeff\n\t\ufeff " + `{"result":1}`:      {Result: []byte(`1`)},
		`{"r\u0065sult":1}`:                            {Result: []byte(`1`)},
		`{"result":1,"result":2}`:                      {Result: []byte(`2`)}, // the last one counts
		`{"result":{"error":"X"}}`:                     {Result: []byte(`{"error":"X"}`)},
		`{"result":{"result_error":{"a":{"error":""}}},"time":{"a":1}}`: {
			Result: []byte(`{"result_error":{"a":{"error":""}}}`), Time: []byte(`{"a":1}`),
		},
		`{"Result":1,"ERROR":"X","Error":"X","errors":[],"error_description":"d"}`: {}, // letter case matters
		`{}`:                          {},
		`{"openapi":"3.0.0"}`:         {Document: true},
		`{"result":1,"time":null}`:    {Result: []byte(`1`), Time: []byte(`null`)},
		`{"result":1,"total":0}`:      {Result: []byte(`1`), Total: present(0)},
		`{"result":1,"total":-1}`:     {Result: []byte(`1`), Total: present(-1)},
		`{"result":1,"total":"12"}`:   {Result: []byte(`1`), Total: present(12)},
		`{"result":1,"total":null}`:   {Result: []byte(`1`), Total: present(0)}, // PHP's (int)null
		`{"result":1,"total":false}`:  {Result: []byte(`1`)},
		`{"result":1,"total":""}`:     {Result: []byte(`1`)},
		`{"result":1,"total":"many"}`: {Result: []byte(`1`)},
		`{"result":1,"total":[]}`:     {Result: []byte(`1`)},
		`{"result":1,"next":50}`:      {Result: []byte(`1`), Next: present(50)},
		`{"result":1,"next":"50"}`:    {Result: []byte(`1`), Next: present(50)},
		`{"result":1,"next":0}`:       {Result: []byte(`1`), Next: present(0)}, // not the same as none
	} {
		got, err := envelope.Parse([]byte(body))

		assert.NoError(t, err, body)
		assert.Equal(t, want, got, body)
	}
}

func TestParseNumberBeyondAnInt(t *testing.T) {
	t.Parallel()
	got, err := envelope.Parse([]byte(`{"result":[],"total":12345678901234567890123,"next":-12345678901234567890123}`))

	require.NoError(t, err)
	assert.Equal(t, envelope.Envelope{Result: []byte(`[]`)}, got)
}

func TestParseNextOfNullIsNone(t *testing.T) {
	t.Parallel()
	// docs/protocol.md 3.1: next is there only if it is not null; who takes it for 0 reads the first page for ever
	got, err := envelope.Parse([]byte(`{"result":[],"next":null}`))

	require.NoError(t, err)
	assert.Equal(t, envelope.Int{}, got.Next)
}

func TestParseFailures(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]envelope.Failure{
		`{"error":"NOT_FOUND","error_description":"Item not found"}`: {Code: "NOT_FOUND", Description: "Item not found"},
		`{"error":"wrong_client"}`:                                   {Code: "wrong_client"}, // docs/protocol.md 3.3
		`{"error":"X","error_description":""}`:                       {Code: "X"},
		`{"error":"X","error_description":null}`:                     {Code: "X"},
		`{"error":"X","error_description":["a"]}`:                    {Code: "X"},
		`{"error":"X","error_description":"a<br>\n\u00e9\""}`:        {Code: "X", Description: "a<br>\né\""},
		`{"error_description":"d","error":"X"}`:                      {Code: "X", Description: "d"},
		`{"error":"","error_description":"Not found."}`:              {Description: "Not found."},
		`{"error":null}`:                             {},
		`{"error":false}`:                            {},
		`{"error":true,"error_description":"d"}`:     {Description: "d"},
		`{"error":[]}`:                               {},
		`{"error":{}}`:                               {},
		`{"error":0,"error_description":"d"}`:        {Code: "0", Description: "d"},
		`{"error":403}`:                              {Code: "403"},
		`{"error":200040300010}`:                     {Code: "200040300010"},
		`{"error":-1.50}`:                            {Code: "-1.50"},
		`{"error":"0"}`:                              {Code: "0"},
		`{"error":"1048582"}`:                        {Code: "1048582"},
		`{"error":"\u0058\/"}`:                       {Code: "X/"},
		`{"\u0065rror":"X"}`:                         {Code: "X"},
		`{"\u0065\u0072\u0072\u006f\u0072":"X"}`:     {Code: "X"},
		`{"error":"X","error":"Y"}`:                  {Code: "Y"},
		"\ufeff" + `{"error":"X"}`:                   {Code: "X"},
		"\n\ufeff\ufeff" + `{"error":"X"}`:           {Code: "X"},
		`{"result":true,"error":"X"}`:                {Code: "X"},
		`{"error":"X","result":true}`:                {Code: "X"},
		`{"error":"X","openapi":"3"}`:                {Code: "X"},
		"{\"error\":\"X\xff\"}":                      {Code: "X\ufffd"},
		`{"error":"ERROR_ARGUMENT","argument":"ID"}`: {Code: "ERROR_ARGUMENT", Argument: "ID"},
		`{"error":"X","argument":{"a":1}}`:           {Code: "X"},
		// REST 3.0
		`{"error":{"code":"X","message":"m"}}`:                         {Code: "X", Description: "m"},
		`{"error":{"code":0,"message":"m"}}`:                           {Code: "0", Description: "m"},
		`{"error":{"code":null,"message":null}}`:                       {},
		`{"error":{"message":"m"}}`:                                    {Description: "m"},
		`{"error":{"code":"X"},"error_description":"d"}`:               {Code: "X", Description: "d"},
		`{"error":{"code":"X","message":"m"},"error_description":"d"}`: {Code: "X", Description: "m"},
		`{"error":{"c\u006fde":"X","validation":[]}}`:                  {Code: "X"},
		`{"error":{"code":"X","validation":null}}`:                     {Code: "X"},
		`{"error":{"code":"X","validation":"none"}}`:                   {Code: "X"},
		`{"error":{"code":"X","validation":[{"field":"id","message":"a"},{"message":"b"},{"field":"c"},{}]}}`: {
			Code: "X", Fields: []envelope.Field{{Name: "id", Message: "a"}, {Message: "b"}, {Name: "c"}, {}},
		},
		`{"error":{"code":"X","validation":["text",null,[],{"field":"id","message":"a","more":{"field":"x"}}]}}`: {
			Code: "X", Fields: []envelope.Field{{Message: "text"}, {Name: "id", Message: "a"}},
		},
	} {
		got, err := envelope.Parse([]byte(body))

		assert.NoError(t, err, body)
		if assert.NotNil(t, got.Failure, body) {
			assert.Equal(t, want, *got.Failure, body)
		}
	}
}

func TestParseKeepsWhatStandsBesideAFailure(t *testing.T) {
	t.Parallel()
	got, err := envelope.Parse([]byte(`{"result":[1],"total":1,"next":50,"time":{},"error":"X"}`))

	require.NoError(t, err)
	assert.Equal(t, envelope.Envelope{
		Result: []byte(`[1]`), Total: present(1), Next: present(50), Time: []byte(`{}`), Failure: &envelope.Failure{Code: "X"},
	}, got)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", " ", "\ufeff", " \ufeff", "\ufeff\ufeff ", "\xef\xbb" + `{"result":1}`, "\xef\xbb\xef\xbb\xbf{}", "\x00", "null", "true", "false", "0", `"result"`, "[]", `[{"result":1}]`,
		"<html><body>502</body></html>", `Warning: x {"result":1}`, "{", "}", `{"result"`, `{"result":`, `{"result":1`, `{"result":1,`, `{"result":1,}`,
		`{"result":1]`, `{"result":1}}`, `{"result":1}x`, `{"result":1},`, `{"result":1}{"result":2}`, `{"result":1} null`, `{"result":1}` + "\x00",
		`{"result":1}<!-- x -->`, `{"result":1}` + "\ufeff", `{result:1}`, `{'result':1}`, `{"result":01}`, `{"result":+1}`, `{"result":NaN}`, `{"result":.5}`,
		`{"result":1 "total":2}`, `{"result" 1}`, `{"result":"a` + "\n" + `"}`, `{"result":"\x"}`, `{"result":"\u12"}`, `{"result":tru}`, `{,}`, `{1:2}`,
		`{"result":[1,]}`, `{"result":{"a"}}`, `{"error":"X"`, `{"error":{"code":"X"}`, `{"error":"X"}]`, `{"error":"X","result":}`,
		`{"result":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
	} {
		got, err := envelope.Parse([]byte(body))

		assert.ErrorIs(t, err, envelope.ErrNotEnvelope, body)
		assert.Equal(t, envelope.Envelope{}, got, body)
	}
}

func TestParseRefusesEveryCut(t *testing.T) {
	t.Parallel()
	for _, whole := range []string{answer, `{"error":{"code":"X","message":"m","validation":[{"field":"id","message":"a"}]}}`, "\ufeff{}", "\n\ufeff\ufeff{}"} {
		_, err := envelope.Parse([]byte(whole))
		require.NoError(t, err)
		for i := range len(whole) {
			got, err := envelope.Parse([]byte(whole[:i]))

			assert.ErrorIs(t, err, envelope.ErrNotEnvelope, whole[:i])
			assert.Equal(t, envelope.Envelope{}, got, whole[:i])
		}
	}
}

func TestParseErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"result":s3cr3tmarker7x}`, `s3cr3tmarker7x`, `{"result":"s3cr3tmarker7x`, `{s3cr3tmarker7x:1}`, `{"s3cr3tmarker7x" 1}`,
		`{"result":1}s3cr3tmarker7x`, `["s3cr3tmarker7x"]`, `"s3cr3tmarker7x"`,
	} {
		_, err := envelope.Parse([]byte(body))

		if assert.Error(t, err, body) {
			assert.NotContains(t, err.Error(), "s3cr")
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

func TestParseSharesTheBodySafely(t *testing.T) {
	t.Parallel()
	body := []byte(answer)
	e, err := envelope.Parse(body)
	require.NoError(t, err)

	_ = append(e.Result, "overwritten"...)
	_ = append(e.Time, "overwritten"...)

	assert.True(t, bytes.Equal([]byte(answer), body))
	assert.Same(t, &body[len(`{"result":`)], &e.Result[0])
}

func TestParseFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		failure, description string
		want                 envelope.Failure
	}{
		{`"ERROR_CORE"`, `"d"`, envelope.Failure{Code: "ERROR_CORE", Description: "d"}},
		{`"ERROR_CORE"`, ``, envelope.Failure{Code: "ERROR_CORE"}},
		{`""`, `"Not found."`, envelope.Failure{Description: "Not found."}},
		{`200040300010`, `""`, envelope.Failure{Code: "200040300010"}},
		{`0`, ``, envelope.Failure{Code: "0"}},
		{`null`, ``, envelope.Failure{}},                                           //
		{` { "code" : 5 } `, `"d"`, envelope.Failure{Code: "5", Description: "d"}}, // REST 3.0
		{`{"code":"X","message":"m","validation":[{"message":"a"}]}`, ``, envelope.Failure{
			Code: "X", Description: "m", Fields: []envelope.Field{{Message: "a"}},
		}},
	} {
		assert.Equal(t, &test.want, failureOf(t, test.failure, test.description), test.failure)
	}
}

// failureOf reads an answer that is an error.
func failureOf(t *testing.T, failure, description string) *envelope.Failure {
	t.Helper()
	body := `{"error":` + failure
	if description != "" {
		body += `,"error_description":` + description
	}
	e, err := envelope.Parse([]byte(body + "}"))
	require.NoError(t, err, body)
	return e.Failure
}

func TestMember(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value, name, want string
		names             []string
	}{
		{`{"a":1,"b":[2]}`, "b", `[2]`, []string{"a", "b"}},
		{`{"a":1,"b":[2]}`, "c", ``, []string{"a", "b"}},
		{`{"a":1,"b":[2]}`, "A", ``, []string{"a", "b"}},
		{`{"a":null}`, "a", `null`, []string{"a"}},
		{`{"\u0061":1}`, "a", `1`, []string{"a"}},
		{`{"":1}`, "", `1`, []string{""}},
		{`{"a":1,"a":2}`, "a", `2`, []string{"a", "a"}},
		{`{"0":"x","10":"y"}`, "10", `"y"`, []string{"0", "10"}},
		{`["x", {"y" : 1} ]`, "1", `{"y" : 1}`, []string{"0", "1"}},
		{`["x","y"]`, "2", ``, []string{"0", "1"}},
		{`["x","y"]`, "01", ``, []string{"0", "1"}},
		{`["x","y"]`, "-1", ``, []string{"0", "1"}},
		{`["x","y"]`, "x", ``, []string{"0", "1"}},
		{`[]`, "0", ``, nil},
		{`{}`, "a", ``, nil},
		{` {"a":1}`, "a", `1`, []string{"a"}},
	} {
		got, names, err := envelope.Member([]byte(test.value), test.name)

		assert.NoError(t, err, test.value)
		assert.Equal(t, test.want, string(got), test.value)
		assert.Equal(t, test.want == "", got == nil, test.value)
		assert.Equal(t, test.names, names, test.value)
	}
}

func TestMemberOfWhatHasNone(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`null`, `true`, `1`, `"b"`, `"[1]"`} {
		got, names, err := envelope.Member([]byte(value), "b")

		assert.NoError(t, err, value)
		assert.Nil(t, got, value)
		assert.Empty(t, names, value)
	}
}

func TestMemberOfBrokenJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`{"a":1`, `["a"`, `{"a":}`, `[1,]`, `{"a":1}}`, `{`, `[`} {
		_, _, err := envelope.Member([]byte(value), "a")

		assert.Error(t, err, value)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		answer, "", "{}", "[]", "null", "\ufeff{}", "\ufeff \ufeff\n{}", "\xef\xbb{}", `{"result":null,"next":0,"total":"12"}`, `{"result":1} x`, `{"result":1,"result":2}`,
		`{"error":"","error_description":"Not found"}`, `{"\u0065rror":403}`, `{"error":null}`, `{"error":{"code":0,"message":"m","validation":[{"message":"a"},1]}}`,
		`{"openapi":"3.0.0"}`, "{\"\xff\":1,\"result\":\"\xc3\x28\"}", `{"result":"\ud800","e\u0072ror":1}`, `{"result":1e400,"total":-0}`, `{"a":{"error":1}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		given := bytes.Clone(body)
		got, err := envelope.Parse(body)
		require.Equal(t, given, body, "the body is not changed")

		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(bytes.TrimLeft(body, "\ufeff \t\r\n"), &want)
		if wantErr != nil || want == nil {
			require.ErrorIs(t, err, envelope.ErrNotEnvelope)
			require.True(t, utf8.ValidString(err.Error()))
			return
		}
		require.NoError(t, err)
		_, failed := want["error"]
		require.Equal(t, failed, got.Failure != nil)
		require.Equal(t, []byte(want["result"]), got.Result)
		require.Equal(t, []byte(want["time"]), got.Time)
		if failed {
			require.Equal(t, got.Failure.Code, failureOf(t, string(want["error"]), string(want["error_description"])).Code)
		}
	})
}

func TestParseFieldBesideTheMessage(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string][]envelope.Field{
		`{"error":{"code":"X","message":"m","field":"id"}}`:                                       {{Name: "id", Message: "m"}},
		`{"error":{"code":"X","message":"m","field":"id","validation":[{"message":"v"}]}}`:        {{Message: "v"}},
		`{"error":{"code":"X","validation":{"1":{"field":"a","message":"v"},"3":{"field":"b"}}}}`: {{Name: "a", Message: "v"}, {Name: "b"}},
		`{"error":{"code":"X","validation":{"a":{"message":"v"},"b":"w","0":"x"}}}`:               {{Name: "a", Message: "v"}, {Name: "b", Message: "w"}, {Message: "x"}},
		`{"error":{"code":"X","validation":["v",7,null,true]}}`:                                   {{Message: "v"}, {Message: "7"}},
		`{"error":{"code":"X","message":"m","validation":"no rows","field":""}}`:                  nil,
	} {
		e, err := envelope.Parse([]byte(doc))
		require.NoError(t, err)
		assert.Equal(t, want, e.Failure.Fields, doc)
	}
}
