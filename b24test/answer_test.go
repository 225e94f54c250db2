package b24test_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// resultText is the bytes of result as they came.
func resultText(t *testing.T, a answer) string {
	t.Helper()
	var env struct {
		Result json.RawMessage `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &env), a.Body)
	return string(env.Result)
}

func TestResultsAreWrittenAsPHPDoes(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int      `json:"id"`
		Tags []string `json:"tags"`
		None string   `json:"none,omitempty"`
	}
	many := map[string]any{}
	for i := range 12 {
		many[strconv.Itoa(i)] = i
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"nil", nil, `null`},
		{"bool", true, `true`},
		{"empty map", map[string]any{}, `[]`},
		{"nil map", b24.Params(nil), `[]`},
		{"nil slice", []string(nil), `[]`},
		{"empty struct", struct{}{}, `[]`},
		{"empty maps inside", map[string]any{"a": map[string]int{}, "b": []any{map[string]any{}}}, `{"a":[],"b":[[]]}`},
		{"raw keeps order", json.RawMessage(`{"b":1,"a":{}}`), `{"b":1,"a":[]}`},
		{"keys 0 to n-1", map[string]any{"0": "a", "1": "b"}, `["a","b"]`},
		{"many such keys", many, `[0,1,2,3,4,5,6,7,8,9,10,11]`},
		{"keys from 1", map[string]any{"1": "a", "2": "b"}, `{"1":"a","2":"b"}`},
		{"keys out of order", json.RawMessage(`{"1":"a","0":"b"}`), `{"1":"a","0":"b"}`},
		{"key 00", map[string]any{"00": 1}, `{"00":1}`},
		{"struct", row{ID: 1}, `{"id":1,"tags":[]}`},
		{"escapes", `<a href='x'>"&"</a>`, `"\u003Ca href=\u0027x\u0027\u003E\u0022\u0026\u0022\u003C\/a\u003E"`},
		{"more escapes", "я\\\n\t\u2028\x01\x7f", `"я\\\n\t\u2028\u0001` + "\x7f" + `"`},
		{"escaped key", map[string]any{">ID/": 1}, `{"\u003EID\/":1}`},
		{"invalid UTF-8", "a\xffb", `"a` + "\uFFFD" + `b"`},
		{"big number", json.RawMessage(`12345678901234567890`), `12345678901234567890`},
		{"float", 1.5, `1.5`},
		{"whole float", 10.0, `10`},
	} {
		p.Handle("m", func(b24test.Request) (any, error) { return tt.value, nil })
		a := call(t, p, "m", `{}`)
		assert.Equal(t, http.StatusOK, a.Status, tt.name)
		assert.Equal(t, tt.want, resultText(t, a), tt.name)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, tt := range []struct {
		name        string
		value       any
		result      string
		total, next any
	}{
		{"plain", 1, `1`, nil, nil},
		{"Result", b24test.Result{Value: []int{1}, Total: new(70), Next: new(50)}, `[1]`, json.Number("70"), json.Number("50")},
		{"pointer", &b24test.Result{Value: []int{1}, Total: new(0)}, `[1]`, json.Number("0"), nil},
		{"next and total are cut out", map[string]any{"a": 1, "next": "50", "total": nil}, `{"a":1}`, json.Number("0"), json.Number("50")},
		{"null next stays", map[string]any{"next": nil, "total": "7x"}, `{"next":null}`, json.Number("7"), nil},
		{"nothing is left", map[string]any{"total": 3}, `[]`, json.Number("3"), nil},
		{"inside they stay", []any{map[string]any{"total": 3}}, `[{"total":3}]`, nil, nil},
		{"error without text is a result", map[string]any{"error": "X"}, `{"error":"X"}`, nil, nil},
	} {
		p.Handle("m", func(b24test.Request) (any, error) { return tt.value, nil })
		a := call(t, p, "m", `{}`)
		assert.Equal(t, http.StatusOK, a.Status, tt.name)
		assert.Equal(t, tt.result, resultText(t, a), tt.name)
		assert.Equal(t, tt.total, a.field(t, "total"), tt.name)
		assert.Equal(t, tt.next, a.field(t, "next"), tt.name)
		assert.True(t, a.has(t, "time"), tt.name)
	}
}

func TestOddEnvelopes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, tt := range []struct {
		value any
		want  string
	}{
		{map[string]any{"error": "X", "error_description": "y"}, `{"error":"X","error_description":"y"}`},
		{math.NaN(), `{"error":"WRONG_ENCODING","error_description":"Wrong request encoding"}`},
		{b24test.Raw{Body: `{"result":{ }}`}, `{"result":{ }}`},
	} {
		p.Handle("m", func(b24test.Request) (any, error) { return tt.value, nil })
		a := call(t, p, "m", `{}`)
		assert.Equal(t, http.StatusOK, a.Status)
		assert.Equal(t, tt.want, a.Body)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []b24test.Option
		res  b24test.Result
		want string
	}{
		{"default", nil, b24test.Result{}, `{"start":946684801.5,"finish":946684803,"duration":1.5,"processing":1.5,
			"date_start":"2000-01-01T00:00:01+00:00","date_finish":"2000-01-01T00:00:03+00:00","operating_reset_at":946685403,"operating":0}`},
		{"whole", []b24test.Option{b24test.WithIntegerTime()}, b24test.Result{}, `{"start":946684801,"finish":946684803,"duration":2,"processing":1,
			"date_start":"2000-01-01T00:00:01+00:00","date_finish":"2000-01-01T00:00:03+00:00","operating_reset_at":946685403,"operating":0}`},
		{"operating", []b24test.Option{b24test.WithOperating(470.25, 20*time.Second)}, b24test.Result{}, `{"start":946684801.5,"finish":946684803,"duration":1.5,"processing":1.5,
			"date_start":"2000-01-01T00:00:01+00:00","date_finish":"2000-01-01T00:00:03+00:00","operating_reset_at":946684823,"operating":470.25}`},
		{"without", []b24test.Option{b24test.WithoutOperating()}, b24test.Result{}, `{"start":946684801.5,"finish":946684803,"duration":1.5,"processing":1.5,
			"date_start":"2000-01-01T00:00:01+00:00","date_finish":"2000-01-01T00:00:03+00:00"}`},
		{"one answer", []b24test.Option{b24test.WithoutOperating()}, b24test.Result{Operating: new(7.5), OperatingResetAt: time.Unix(946685000, 0)}, `{"start":946684801.5,"finish":946684803,
			"duration":1.5,"processing":1.5,"date_start":"2000-01-01T00:00:01+00:00","date_finish":"2000-01-01T00:00:03+00:00","operating_reset_at":946685000,"operating":7.5}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t, tt.opts...)
			p.Handle("m", func(b24test.Request) (any, error) { return tt.res, nil })
			p.Fault("m", b24test.Delay(1500*time.Millisecond))
			<-time.After(1500 * time.Millisecond)
			a := call(t, p, "m", `{}`)
			got, err := json.Marshal(a.field(t, "time"))
			require.NoError(t, err)
			assert.JSONEq(t, tt.want, string(got), tt.name)
		})
	}
}

func TestErrorsBecomeEnvelopes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, tt := range []struct {
		err    error
		status int
		want   string
	}{
		{&b24.Error{Code: "X", Description: "a/b", Status: 418}, 418, `{"error":"X","error_description":"a\/b"}`},
		{&b24.Error{Description: "Not found"}, 400, `{"error":"","error_description":"Not found"}`},
		{&b24.Error{Code: "QUERY_LIMIT_EXCEEDED"}, 503, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}`},
		{&b24.Error{Code: "operation_time_limit"}, 429, `{"error":"operation_time_limit","error_description":""}`},
		{&b24.Error{Code: "expired_token"}, 401, `{"error":"expired_token","error_description":""}`},
		{&b24.Error{Code: "insufficient_scope"}, 403, `{"error":"insufficient_scope","error_description":""}`},
		{&b24.Error{Code: "INTERNAL_SERVER_ERROR"}, 500, `{"error":"INTERNAL_SERVER_ERROR","error_description":""}`},
		{&b24.Error{Code: "X", Status: 200}, 200, `{"error":"X","error_description":""}`},
		{errors.Join(errors.New("x"), &b24.Error{Code: "INNER", Description: "y"}), 400, `{"error":"INNER","error_description":"y"}`},
		{errors.New("boom"), 400, `{"error":"ERROR_CORE","error_description":"boom"}`},
	} {
		p.Handle("m", func(b24test.Request) (any, error) { return nil, tt.err })
		a := call(t, p, "m", `{}`)
		assert.Equal(t, tt.status, a.Status)
		assert.Equal(t, tt.want, a.Body)
		assert.True(t, seen(t, p).Executed)
	}
	p.Handle("m", func(b24test.Request) (any, error) { return b24.Error{Code: "AS_VALUE", Status: 400}, nil })
	assert.Equal(t, "AS_VALUE", call(t, p, "m", `{}`).field(t, "error"))
}

func TestV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Handle("tasks.task.list", func(b24test.Request) (any, error) { return "v2", nil })
	p.V3().Handle("tasks.task.get", func(req b24test.Request) (any, error) {
		return map[string]any{"item": map[string]any{"id": req.Params["id"]}, "total": 5}, nil
	})
	p.V3().Handle("bad", func(b24test.Request) (any, error) {
		return nil, &b24.Error{
			Code: "BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION", Description: "no",
			Validation: []b24.FieldError{{Field: "title", Message: "empty"}, {Message: "odd"}},
		}
	})
	p.V3().Handle("boom", func(b24test.Request) (any, error) { return nil, errors.New("x") })
	v3 := func(method, contentType, body string) answer {
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.V3().WebhookURL() + method, contentType, body})
		require.NoError(t, err)
		return a
	}
	const prefix = "BITRIX_REST_V3_EXCEPTION_"

	a := v3("tasks.task.get/?id=9", "application/json", `{"id":3,"auth":"kept"}`)
	assert.Equal(t, http.StatusOK, a.Status)
	assert.JSONEq(t, `{"item":{"id":3},"total":5}`, resultText(t, a))
	assert.True(t, a.has(t, "time"))
	assert.Equal(t, 3, seen(t, p).Version)
	assert.Equal(t, map[string]any{"id": json.Number("3"), "auth": "kept"}, seen(t, p).Params)

	a = v3("crm.deal.list", "application/json", `{}`)
	assert.Equal(t, http.StatusNotFound, a.Status)
	assert.Equal(t, prefix+"METHODNOTFOUNDEXCEPTION", a.field(t, "error", "code"))
	assert.False(t, a.has(t, "time"))
	assert.Equal(t, http.StatusNotFound, v3("tasks.task.get.json", "application/json", `{}`).Status)

	for _, body := range []string{``, `{`, `5`} {
		assert.Equal(t, prefix+"INVALIDJSONEXCEPTION", v3("tasks.task.get", "application/json", body).field(t, "error", "code"), body)
	}
	assert.Equal(t, prefix+"INVALIDJSONEXCEPTION", v3("tasks.task.get", "text/plain", `{}`).field(t, "error", "code"))

	a = v3("bad", "application/json", `{}`)
	assert.Equal(t, http.StatusBadRequest, a.Status)
	assert.JSONEq(t, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION","message":"no",
		"validation":[{"field":"title","message":"empty"},{"message":"odd"}]}}`, a.Body)
	assert.Equal(t, http.StatusInternalServerError, v3("boom", "application/json", `[]`).Status)

	a, err := send(t, p.HTTPClient(), wire{http.MethodPost, "http://x/rest/api/1/wrong/tasks.task.get", "application/json", `{}`})
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, a.Status)
	assert.Equal(t, prefix+"ACCESSDENIEDEXCEPTION", a.field(t, "error", "code"))
}

func TestRawAnswersGoOutByteForByte(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	file, err := os.Open("testdata/recorded.jsonl")
	require.NoError(t, err)
	defer file.Close()
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); n++ {
		var rec struct {
			Method string `json:"method"`
			Status int    `json:"status"`
			Body   string `json:"body"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &rec))
		p.Handle(rec.Method, func(b24test.Request) (any, error) {
			return b24test.Raw{Status: rec.Status, Header: http.Header{"X-Recorded": {"1"}}, Body: rec.Body}, nil
		})
		a := call(t, p, rec.Method, `{}`)
		assert.Equal(t, rec.Status, a.Status)
		assert.Equal(t, rec.Body, a.Body)
		assert.Equal(t, "1", a.Header.Get("X-Recorded"))
		assert.Equal(t, "application/json; charset=utf-8", a.Header.Get("Content-Type"))
	}
	assert.Equal(t, 3, n)
}
