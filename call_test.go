package b24_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t, b24.WithUserAgent("acme/1.0"))
	answers(p, "crm.deal.list", []int{1})

	_, err := h.CallMethod(t.Context(), "crm.deal.list", nil, b24.WithRequestID("trace-1"))

	require.NoError(t, err)
	r := p.Requests()[0]
	assert.Equal(t, http.MethodPost, r.Verb)
	assert.Equal(t, "crm.deal.list", r.Method)
	assert.Equal(t, "{}", string(r.RawBody))
	assert.Equal(t, "trace-1", r.Query.Get("bx24_request_id"))
	assert.Equal(t, b24.Version, r.Query.Get("bx24_sdk_ver"))
	assert.Equal(t, "b24-go", r.Query.Get("bx24_sdk_type"))
	assert.Equal(t, "trace-1", r.Header.Get("X-Request-Id"))
	assert.Equal(t, "application/json", r.Header.Get("Accept")) // docs/protocol.md 1.4
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	assert.Equal(t, "acme/1.0 b24-go/"+b24.Version+" ("+runtime.Version()+")", r.Header.Get("User-Agent"))
}

func TestUserAgentByDefault(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", nil)

	require.NoError(t, err)
	assert.Equal(t, "b24-go/"+b24.Version+" ("+runtime.Version()+")", p.Requests()[0].Header.Get("User-Agent"))
}

func TestTelemetryStaysOffPositionalMethods(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{
		"task.commentitem.getlist": 0, "task.checklistitem.getlist": 0, "task.commentitem.add": 0,
		"task.elapseditem.getlist": 0, "task.checklistitem.add": 0, "task.item.list": 0, "Task.Item.Add": 0,
		"crm.item.list": 3, "user.current": 3, "crm.deal.get": 3, "profile": 3, "tasks.task.list": 3,
		"bizproc.task.list": 3, "tasks.task.get": 3, "taskish.list": 3,
	} {
		p, h := newPortal(t)
		answers(p, method, true)

		_, _ = h.CallMethod(t.Context(), method, nil) // without arguments a positional method fails, and so it should
		_, _ = h.V3().CallMethod(t.Context(), method, nil)

		for _, r := range p.Requests() {
			assert.Len(t, r.Query, want, method)
			assert.NotEmpty(t, r.Header.Get("X-Request-Id"), method)
		}
		assert.Len(t, p.Requests(), 2)
	}
}

func TestPositionalArgumentsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "task.commentitem.add", 5)

	_, err := h.CallMethod(t.Context(), "task.commentitem.add", []any{12, b24.Params{"POST_MESSAGE": "done"}})

	require.NoError(t, err)
	assert.JSONEq(t, `[12,{"POST_MESSAGE":"done"}]`, string(p.Requests()[0].RawBody))
	assert.Len(t, p.Requests()[0].Args, 2)
}

func TestParams(t *testing.T) {
	t.Parallel()
	type filter struct {
		Stage string `json:"STAGE_ID,omitempty"`
	}
	for _, test := range []struct {
		params any
		opts   []b24.CallOption
		want   string
	}{
		{params: b24.Params{"id": 7}, want: `{"id":7}`},
		{params: filter{Stage: "NEW"}, want: `{"STAGE_ID":"NEW"}`},
		{params: &filter{}, want: `{}`},
		{params: json.RawMessage(`{"z":1,"a":2}`), want: `{"z":1,"a":2}`},
		{
			params: b24.Params{"order": b24.Ordered{b24.KV("TITLE", "ASC"), b24.KV("ID", "DESC")}},
			want:   `{"order":{"TITLE":"ASC","ID":"DESC"}}`,
		},
		{params: b24.Ordered{b24.KV("b", nil), b24.KV("a", b24.Ordered(nil))}, want: `{"b":null,"a":{}}`},
		{params: b24.Ordered(nil), want: `{}`},
		{params: b24.Params{"start": b24.NoCount}, opts: []b24.CallOption{nil}, want: `{"start":-1}`},
		{params: b24.Params{"start": b24.StartForPage(2), "a": 1}, want: `{"a":1,"start":50}`},
	} {
		p, h := newPortal(t)
		answers(p, "crm.deal.list", true)

		r, err := h.CallMethod(t.Context(), "crm.deal.list", test.params, test.opts...)

		require.NoError(t, err)
		assert.Equal(t, test.want, string(p.Requests()[0].RawBody))
		assert.Equal(t, test.want, string(r.Query().Params))
	}
}

func TestServerTime(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "server.time", "2026-03-20T09:50:00+02:00")

	got, err := b24.Call[b24.DateTime](t.Context(), h, "server.time", nil)

	require.NoError(t, err)
	assert.Equal(t, "2026-03-20T09:50:00+02:00", got.Format(time.RFC3339))
	_, named := p.Requests()[0].Start()
	assert.False(t, named)
}

func TestParamsAreNotChanged(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "crm.deal.list", true)
	params := b24.Params{"filter": b24.Params{">ID": 1}}

	_, err := h.CallMethod(t.Context(), "crm.deal.list", params)

	require.NoError(t, err)
	assert.Equal(t, b24.Params{"filter": b24.Params{">ID": 1}}, params)
}

func TestBadInputIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	cyclic := b24.Params{}
	cyclic["self"] = cyclic
	twice := b24.Ordered{b24.KV("ID", "ASC"), b24.KV("ID", "DESC")}
	p, h := newPortal(t)
	for _, test := range []struct {
		method, param string
		params        any
		opts          []b24.CallOption
	}{
		{method: "", param: "method"},
		{method: "crm/deal", param: "method"},
		{method: "crm deal", param: "method"},
		{method: "../../2/other", param: "method"},
		{method: "..", param: "method"},
		{method: "crm.deal.", param: "method"},
		{method: "crm.deal.list.xml", param: "method"},
		{method: "crm.deal.list.JSON", param: "method"},
		{method: "crm.deal?x=1", param: "method"},
		{method: "сделка", param: "method"},
		{method: "crm.deal.add", param: "fields.RATE", params: b24.Params{"fields": b24.Params{"RATE": math.NaN()}}},
		{method: "crm.deal.add", param: "done", params: b24.Params{"done": make(chan int)}},
		{method: "crm.deal.add", param: "call", params: b24.Params{"call": func() {}}},
		{method: "crm.deal.add", param: "self.self.self.self.self.self.self.self...", params: cyclic},
		{method: "crm.deal.list", param: "order", params: b24.Params{"order": twice}},
		{method: "crm.deal.add", param: "auth", params: b24.Params{"auth": marker}},
		{method: "crm.deal.add", param: "token", params: b24.Params{"token": marker}},
		{method: "crm.deal.add", param: "", params: []any{1}},
		{method: "crm.deal.add", param: "", params: "fields"},
		{method: "crm.deal.list", param: "start", params: b24.Params{"start": 75}},
		{method: "crm.deal.list", param: "start", params: b24.Params{"start": -2}},
		{method: "profile", param: "request id", opts: []b24.CallOption{b24.WithRequestID("a\r\nX-Evil: 1")}},
		{method: "profile", param: "request id", opts: []b24.CallOption{b24.WithRequestID("")}},
		{method: "profile", param: "request id", opts: []b24.CallOption{b24.WithRequestID(strings.Repeat("a", 129))}},
	} {
		_, err := h.CallMethod(t.Context(), test.method, test.params, test.opts...)

		var pe *b24.ParamsError
		require.ErrorAs(t, err, &pe, "%s %s", test.method, test.param)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		assert.Equal(t, test.param, pe.Param)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
		assert.NotContains(t, err.Error(), marker)
		assert.NotContains(t, err.Error(), "circular")
	}
	assert.Empty(t, p.Requests())
	assert.Zero(t, h.Stats().Calls)
}

// To send a reference outside of a batch would store its name.
func TestReferenceOutsideOfABatch(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	var b b24.Batch
	params := b24.Params{"fields": b24.Params{"COMPANY_ID": b.Add("crm.company.add", nil).Ref()}}
	_, called := h.CallMethod(t.Context(), "crm.deal.add", params)
	_, listed := h.CallListMethod(t.Context(), "crm.deal.list", params)
	_, third := h.V3().CallMethod(t.Context(), "tasks.task.add", params)
	for _, err := range []error{called, listed, third} {
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		require.ErrorContains(t, err, "a reference is valid only in the batch that it was created for")
	}
	assert.Empty(t, p.Requests())
}

func TestRequestIDIsFreshForEachCall(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)
	seen := make(map[string]bool)
	for range 10 {
		r, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
		seen[r.Query().RequestID] = true
	}
	assert.Len(t, seen, 10)
	for _, r := range p.Requests() {
		assert.True(t, seen[r.RequestID])
	}
}

func TestRequestIDIsEscapedInTheQuery(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithRequestID("a&start=50#"))

	require.NoError(t, err)
	assert.Equal(t, "a&start=50#", p.Requests()[0].Query.Get("bx24_request_id"))
	assert.Len(t, p.Requests()[0].Query, 3)
}

func TestFetchNext(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": "deal", "I": i} })
	params := b24.Params{"order": b24.Params{"ID": "ASC"}, "select": []string{"ID"}}

	first, err := h.CallMethod(t.Context(), "crm.deal.list", params, b24.WithRequestID("walk"))
	require.NoError(t, err)
	query := string(first.Query().Params)
	second, err := first.FetchNext(t.Context())
	require.NoError(t, err)
	third, err := second.FetchNext(t.Context())
	require.NoError(t, err)
	_, err = third.FetchNext(t.Context())

	require.ErrorIs(t, err, b24.ErrNoMorePages)
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Equal(t, query, string(first.Query().Params))
	starts, ids, seen := []int{}, []string{}, map[string]bool{}
	for _, r := range p.Requests() {
		start, _ := r.Start()
		starts, ids = append(starts, start), append(ids, r.RequestID)
	}
	assert.Equal(t, []int{0, 50, 100}, starts)
	assert.Equal(t, []string{"walk", "walk-2", "walk-3"}, ids)
	for _, page := range []*b24.AjaxResult{first, second, third} { // every row once
		rows, err := b24.Decode[[]struct{ ID string }](page)
		require.NoError(t, err)
		for _, row := range rows {
			seen[row.ID] = true
		}
		total, ok := page.Total()
		assert.True(t, ok)
		assert.Equal(t, 120, total)
	}
	assert.Len(t, seen, 120)
	assert.True(t, first.IsMore())
	assert.False(t, third.IsMore())
}

// A further page is repeated as its first one would be.
func TestFetchNextIsRepeatedLikeTheFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method string
		opts   []b24.CallOption
		sent   int
	}{
		{reads, nil, 3},
		{reads, []b24.CallOption{b24.WithoutRetry()}, 2},
		{writes, nil, 2},
		{writes, []b24.CallOption{b24.WithIdempotent()}, 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			body(p, test.method, http.StatusOK, `{"result":[1],"next":50,"total":100}`)
			r, err := h.CallMethod(t.Context(), test.method, nil, test.opts...)
			require.NoError(t, err)
			p.Fault(test.method, b24test.ResetAfter())
			_, err = r.FetchNext(t.Context())
			assert.Equal(t, test.sent == 2, err != nil)
			assert.Equal(t, test.sent, p.Calls(test.method))
		})
	}
}

func TestFetchNextAfterClose(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 60, func(int) b24.Params { return b24.Params{} })
	r, err := h.CallMethod(t.Context(), "crm.deal.list", nil)
	require.NoError(t, err)
	require.NoError(t, h.Close())

	_, err = r.FetchNext(t.Context())

	assert.ErrorIs(t, err, b24.ErrClosed)
}

func TestGzip(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	_, err := io.WriteString(zw, `{"result":"`+strings.Repeat("a", 10_000)+`"}`)
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Contains(t, r.Header.Get("Accept-Encoding"), "gzip")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(packed.Bytes())
	}))
	t.Cleanup(srv.Close)

	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + marker)
	require.NoError(t, err)
	text, err := b24.Call[string](t.Context(), h, "profile", nil)
	require.NoError(t, err)
	assert.Len(t, text, 10_000)

	h, err = b24.FromWebhookURL(srv.URL+"/rest/1/"+marker, b24.WithMaxResponseBytes(1000)) // larger than what is on the wire
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "profile", nil)
	require.ErrorIs(t, err, b24.ErrResponseTooLarge)
	assert.True(t, b24.MayHaveExecuted(err))
}

func TestResponseLimit(t *testing.T) {
	t.Parallel()
	const answer = `{"result":true}`
	for limit, tooLarge := range map[int64]bool{
		int64(len(answer)): false, int64(len(answer)) - 1: true, 1: true,
	} {
		p, h := newPortal(t, b24.WithMaxResponseBytes(limit))
		body(p, reads, 200, answer)

		_, err := h.CallMethod(t.Context(), reads, nil)

		if assert.Equal(t, tooLarge, err != nil, limit) && tooLarge {
			assert.ErrorIs(t, err, b24.ErrResponseTooLarge)
		}
		assert.Equal(t, 1, p.Calls(reads), "the next answer is as large")
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	html := "<html><body><h1>502 Bad Gateway</h1>" + strings.Repeat("x", 1000) + "</body></html>"
	jsonHeader := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	for name, raw := range map[string]b24test.Raw{
		"html with 200":           {Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: html},
		"html with 502":           {Status: 502, Header: http.Header{"Content-Type": {"text/html"}}, Body: html},
		"empty":                   {Status: 200, Header: jsonHeader, Body: ""},
		"empty with 500":          {Status: 500, Header: jsonHeader, Body: ""},
		"cut":                     {Status: 200, Header: jsonHeader, Body: `{"result":{"ID":"1"},"ti`},
		"two answers":             {Status: 200, Header: jsonHeader, Body: `{"result":1}{"result":2}`},
		"php warning before":      {Status: 200, Header: jsonHeader, Body: "Warning: x\n" + `{"result":1}`},
		"list":                    {Status: 200, Header: jsonHeader, Body: `[]`},
		"null":                    {Status: 200, Header: jsonHeader, Body: `null`},
		"text":                    {Status: 200, Header: jsonHeader, Body: `"result"`},
		"someone else's object":   {Status: 200, Header: jsonHeader, Body: `{"message":"Forbidden"}`},
		"empty object":            {Status: 200, Header: jsonHeader, Body: `{}`},
		"result with 500":         {Status: 500, Header: jsonHeader, Body: `{"result":true}`},
		"result with 404":         {Status: 404, Header: jsonHeader, Body: `{"result":true}`},
		"case of the key matters": {Status: 200, Header: jsonHeader, Body: `{"Result":true}`},
	} {
		p, h := newPortal(t)
		answers(p, "crm.deal.add", raw)

		r, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

		var te *b24.TransportError
		require.ErrorAs(t, err, &te, name)
		require.ErrorIs(t, err, b24.ErrBadResponse, name)
		assert.Nil(t, r, name)
		assert.Equal(t, raw.Status, te.Status, name)
		assert.Equal(t, raw.Header.Get("Content-Type"), te.ContentType, name)
		assert.LessOrEqual(t, len(te.Snippet), 210, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		assert.NotContains(t, err.Error(), "\n", name)
		assert.Equal(t, 1, p.Calls("crm.deal.add"), name)
	}
}

// An answer is known by what it is: the call was executed, and nobody has to look for that again.
func TestAnswerUnderAnotherContentType(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"text/html; charset=utf-8", "text/;;", "application/octet-stream", "x", " "} {
		p, h := newPortal(t)
		header := http.Header{"Content-Type": {contentType}}
		answers(p, writes, b24test.Raw{Status: 200, Header: header, Body: `{"result":17}`})
		answers(p, "batch", b24test.Raw{Status: 200, Header: header, Body: `{"result":{"result":[18]}}`})
		p.V3().Handle(writesV3, func(b24test.Request) (any, error) {
			return b24test.Raw{Status: 200, Header: header, Body: `{"result":{"item":{"id":19}}}`}, nil
		})

		id, err := b24.Call[int](t.Context(), h, writes, nil)
		require.NoError(t, err, contentType)
		assert.Equal(t, 17, id)

		r, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})
		require.NoError(t, err, contentType)
		assert.Equal(t, "18", string(r.At(0).Raw()))

		item, err := b24.Call[idRow](t.Context(), h.V3(), writesV3, nil, b24.WithResultKey("item"))
		require.NoError(t, err, contentType)
		assert.Equal(t, b24.ID("19"), item.ID)
	}
}

func TestFailureWhateverTheRest(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]b24test.Raw{
		"200":           {Status: 200, Body: `{"error":"X","error_description":"d"}`},
		"with a result": {Status: 200, Body: `{"result":true,"error":"X","error_description":"d"}`},
		"as text":       {Status: 503, Header: http.Header{"Content-Type": {"text/html"}}, Body: `{"error":"X","error_description":"d"}`},
		"escaped key":   {Status: 200, Body: `{"\u0065rror":"X","error_description":"d"}`},
		"with a BOM":    {Status: 400, Body: "\ufeff" + `{"error":"X","error_description":"d"}`},
		"with two":      {Status: 400, Body: "\n\ufeff\ufeff" + `{"error":"X","error_description":"d"}`},
		"v3":            {Status: 200, Body: `{"error":{"code":"X","message":"d"}}`},
	} {
		p, h := newPortal(t)
		answers(p, "crm.deal.add", raw)

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

		var e *b24.Error
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, b24.Code("X"), e.Code, name)
		assert.Equal(t, "d", e.Description, name)
		assert.Equal(t, raw.Status, e.Status, name)
		assert.Equal(t, "crm.deal.add", e.Method, name)
		assert.Equal(t, p.Requests()[0].RequestID, e.RequestID, name)
		assert.Equal(t, 1, e.Attempts, name)
	}
}

func TestRedirectIsAnErrorWhereNothingIsRepeated(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		p, h := newPortal(t)
		p.Handle("crm.deal.add", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("crm.deal.add", b24test.Redirect(status, "https://New.Bitrix24.com/rest/1/"+marker+"/crm.deal.add?auth="+marker))

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

		var re *b24.RedirectError
		require.ErrorAs(t, err, &re)
		assert.Equal(t, status, re.Status)
		assert.Equal(t, "https://new.bitrix24.com", re.Origin)
		assert.Contains(t, err.Error(), "https://new.bitrix24.com")
		assert.NotContains(t, err.Error(), marker)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
		assert.Len(t, p.Requests(), 1)
		assert.Zero(t, p.Executed("crm.deal.add"))
	}
}

func TestRedirectToNowhere(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"", "/login", "https://"} {
		p, h := newPortal(t)
		p.Fault("profile", b24test.Redirect(302, location))

		_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithoutRetry())

		var re *b24.RedirectError
		require.ErrorAs(t, err, &re, location)
		assert.Empty(t, re.Origin, location)
	}
}

func TestContextEndsACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, "crm.deal.add", 1)
		p.Fault("crm.deal.add", b24test.Delay(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		started := time.Now()

		_, err := h.CallMethod(ctx, "crm.deal.add", nil)

		require.ErrorIs(t, err, ctx.Err())
		assert.Equal(t, 3*time.Second, time.Since(started))
		assert.True(t, b24.MayHaveExecuted(err))
		assert.Len(t, p.Requests(), 1)
	})
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	t.Parallel()
	for want, opts := range map[time.Duration][]b24.Option{
		75 * time.Second: nil,
		time.Second:      {b24.WithTimeout(time.Second)},
		time.Minute:      {b24.WithTimeout(time.Minute)},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, opts...)
			answers(p, "crm.deal.add", 1)
			p.Fault("crm.deal.add", b24test.Delay(time.Hour))
			started := time.Now()

			_, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

			require.ErrorContains(t, err, "no complete answer within "+want.String())
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, want, time.Since(started))
			assert.True(t, b24.MayHaveExecuted(err))
			assert.Len(t, p.Requests(), 1)
		})
	}
}

func TestNoTimeoutButTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithTimeout(0))
		answers(p, "crm.deal.add", 1)
		p.Fault("crm.deal.add", b24test.Delay(time.Hour))

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

		assert.NoError(t, err)
	})
}

func TestManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("echo", func(r b24test.Request) (any, error) { return r.Params["n"], nil })
	results := make(chan error, 400)
	for n := range cap(results) {
		go func() {
			got, err := b24.Call[int](t.Context(), h, "echo", b24.Params{"n": n})
			if err == nil && got != n {
				err = assert.AnError
			}
			results <- err
		}()
	}
	for range cap(results) {
		assert.NoError(t, <-results)
	}
	assert.EqualValues(t, 400, h.Stats().Succeeded)
}

type sorted struct {
	Order map[string]string `json:"order"`
}

type wrapped struct {
	sorted

	Filter struct{ ID int } `json:"filter"`
}

// A Go map has no order of its keys: where that has a meaning, it is refused by name.
func TestMapsWhereOrderHasAMeaning(t *testing.T) {
	t.Parallel()
	two := b24.Params{"TASKID": 7, "ITEMID": 9}
	order := map[string]string{"TITLE": "ASC", "ID": "DESC"}
	for name, test := range map[string]struct {
		method string
		params any
		path   string
	}{
		"arguments":                     {"task.commentitem.delete", two, ""},
		"arguments of a type":           {"TASK.ELAPSEDITEM.UPDATE", map[string]int{"A": 1, "B": 2}, ""},
		"arguments by a pointer":        {"task.checklistitem.add", &two, ""},
		"order":                         {"crm.deal.list", b24.Params{"order": order}, "order"},
		"capitals":                      {"crm.deal.list", b24.Params{"ORDER": b24.Params{"A": "ASC", "B": "ASC"}}, "ORDER"},
		"order of elements":             {"lists.element.get", b24.Params{"ELEMENT_ORDER": order}, "ELEMENT_ORDER"},
		"sort of an entity":             {"entity.item.get", b24.Params{"SORT": b24.Map[string](order)}, "SORT"},
		"within a parameter":            {"landing.site.getList", b24.Params{"params": b24.Params{"order": order}}, "params.order"},
		"in an Ordered":                 {"crm.deal.list", b24.Ordered{b24.KV("order", order)}, "order"},
		"in a struct":                   {"crm.deal.list", wrapped{sorted: sorted{order}}, "order"},
		"in a pointer":                  {"crm.deal.list", &sorted{order}, "order"},
		"order by position":             {"task.item.list", []any{order}, "0"},
		"order by position of a task's": {"task.commentitem.getlist", []any{7, order}, "1"},
		"order by name and position":    {"task.item.list", b24.Ordered{b24.KV("ORDER", order)}, "ORDER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, h := newPortal(t)

			_, single := h.CallMethod(t.Context(), test.method, test.params)
			_, batch := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: test.method, Params: test.params}})
			_, list := h.CallListMethod(t.Context(), test.method, test.params)
			var streamed error
			for _, err := range b24.StreamBatch(t.Context(), h, func(yield func(b24.Command) bool) {
				yield(b24.Command{Method: test.method, Params: test.params})
			}) {
				streamed = err
			}

			for _, err := range []error{single, batch, list, streamed} {
				require.ErrorIs(t, err, b24.ErrInvalidParams)
				require.ErrorContains(t, err, "b24.Ordered")
				require.ErrorContains(t, err, test.path)
			}
			assert.Empty(t, p.Requests())
		})
	}
	_, h := newPortal(t)
	_, err := h.V3().CallMethod(t.Context(), "tasks.task.list", b24.Params{"order": map[string]string{"id": "ASC", "title": "ASC"}})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

// What keeps an order is free, and so are the maps in which it has none.
func TestOrdersThatAreKept(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, call := range []struct {
		method string
		params any
	}{
		{"task.commentitem.delete", b24.Ordered{b24.KV("TASKID", 7), b24.KV("ITEMID", 9)}},
		{"task.commentitem.delete", []int{7, 9}},
		{"task.commentitem.delete", struct{ TASKID, ITEMID int }{7, 9}},
		{"task.commentitem.delete", json.RawMessage(`{"TASKID":7,"ITEMID":9}`)},
		{"task.commentitem.getmanifest", b24.Params{"A": 1}},
		{"task.commentitem.add", []any{7, b24.Params{"POST_MESSAGE": "a", "AUTHOR_ID": 1}}},
		{"task.commentitem.getlist", []any{7, b24.Params{"ID": "ASC"}, b24.Params{"AUTHOR_ID": 1, ">ID": 5}}},
		{"task.stages.get", b24.Params{"entityId": 1, "isAdmin": "Y"}},
		{"task.planner.getlist", b24.Params{"a": 1, "b": 2}},
		{"crm.deal.list", b24.Params{"order": b24.Params{"ID": "ASC"}, "filter": b24.Params{"ID": 1, "TITLE": "x"}}},
		{"user.get", b24.Params{"sort": "ID", "order": "ASC"}},
		{"crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "x", "STAGE_ID": "NEW"}}},
		{"crm.deal.list", b24.Params{"order": b24.Ordered{b24.KV("TITLE", "ASC"), b24.KV("ID", "ASC")}}},
	} {
		answers(p, call.method, 1)
		_, err := h.CallMethod(t.Context(), call.method, call.params)
		require.NoError(t, err, "%s %v", call.method, call.params)
	}
}

// A text that is no UTF-8 is refused with its path, wherever it stands and however it is sent.
func TestTextThatIsNoUTF8(t *testing.T) {
	t.Parallel()
	const bad = "caf\xe9"
	type deal struct {
		Title string `json:"TITLE"`
	}
	p, h := newPortal(t)
	type invalid struct {
		fields any
		path   string
	}
	tests := map[string]invalid{
		"a map":     {b24.Params{"TITLE": bad}, "fields.TITLE"},
		"a struct":  {deal{bad}, "fields.TITLE"},
		"a list":    {b24.Params{"UF": []string{"a", bad}}, "fields.UF.1"},
		"a name":    {b24.Params{bad: 1}, "fields"},
		"Ordered":   {b24.Ordered{b24.KV("TITLE", bad)}, "fields"},
		"a raw one": {json.RawMessage(`{"TITLE":"` + bad + `"}`), "fields"},
		"Null":      {b24.Params{"TITLE": b24.NullOf(bad)}, "fields.TITLE"},
		"Map":       {b24.Map[string]{"TITLE": bad}, "fields"},
		"ID":        {b24.Params{"TITLE": b24.ID(bad)}, "fields.TITLE"},
	}
	// From Go 1.27 on encoding/json writes the character U+FFFD itself, which may be the caller's.
	if text, err := json.Marshal(bad); err == nil && strings.Contains(string(text), `\ufffd`) {
		tests["half of it"] = invalid{b24.Params{"TITLE": standard{bad}}, ""}
	}
	for name, test := range tests {
		params := b24.Params{"fields": test.fields}
		_, single := h.CallMethod(t.Context(), "crm.deal.add", params)
		_, batch := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.add", Params: params}})
		_, v3 := h.V3().CallMethod(t.Context(), "tasks.task.add", params)
		var streamed error
		for _, err := range b24.StreamBatch(t.Context(), h, func(yield func(b24.Command) bool) {
			yield(b24.Command{Method: "crm.deal.add", Params: params})
		}) {
			streamed = err
		}
		for _, err := range []error{single, batch, v3, streamed} {
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
			require.ErrorContains(t, err, "UTF-8", name)
			require.ErrorContains(t, err, test.path, name)
			assert.NotContains(t, err.Error(), "caf", name)
		}
	}
	assert.Empty(t, p.Requests())
}

// standard has its JSON written by encoding/json, which puts U+FFFD in place of what is no UTF-8.
type standard struct{ text string }

func (s standard) MarshalJSON() ([]byte, error) { return json.Marshal(s.text) }

// PHP drops parameters that are nested too deep, all of them.
func TestParametersThatAreNestedTooDeep(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	nested := func(depth int) any {
		var v any = 1
		for range depth {
			v = []any{v}
		}
		return b24.Params{"v": v}
	}
	answers(p, "echo", 1)

	_, err := h.CallMethod(t.Context(), "echo", nested(511))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "echo", nested(512))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	require.ErrorContains(t, err, "512")
	assert.Len(t, p.Requests(), 1)
}

func TestRenamedPortalIsFollowed(t *testing.T) {
	t.Parallel()
	for status, path := range map[int]string{
		301: "", 302: "/", 303: "/?auth=x", 307: "/rest/1/" + marker + "/" + writes + "?auth=x", 308: "/rest/",
	} {
		p, h := newPortal(t)
		answers(p, writes, 7)
		p.Fault(writes, b24test.Redirect(status, "https://new.bitrix24.com"+path))

		got, err := b24.Call[int](t.Context(), h, writes, b24.Params{"fields": b24.Params{"TITLE": "x"}})
		require.NoError(t, err)
		_, err = h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)

		assert.Equal(t, 7, got)
		assert.Equal(t, "https://new.bitrix24.com", h.TargetOrigin())
		assert.Equal(t, "https://new.bitrix24.com/rest/1/"+marker, h.TargetOriginWithPath())
		r := p.Requests()
		require.Len(t, r, 3)
		assert.Equal(t, http.MethodPost, r[1].Verb)
		assert.Equal(t, r[0].RawBody, r[1].RawBody)
		assert.Equal(t, r[0].RequestID, r[1].RequestID)
		assert.Empty(t, r[1].Query.Get("auth"))
		assert.Empty(t, r[1].Header.Get("Referer"))
		assert.Equal(t, "new.bitrix24.com", r[1].Host)
		assert.Equal(t, "new.bitrix24.com", r[2].Host) // remembered
		assert.False(t, r[0].Executed)
	}
}

func TestRedirectsThatAreNoMove(t *testing.T) {
	t.Parallel()
	for location, sent := range map[string]int{
		"":                                  1,
		"/login":                            1,
		"http://new.bitrix24.com/":          1, // the secret must not travel in the open
		"https://%zz/":                      1,
		"https://new.bitrix24.com/":         2, // once, not in circles
		"https://login.example.com/sso?x=1": 1, // no portal of that name: the secret must not go there
		"https://new.bitrix24.com/down":     1,
		"https://new.bitrix24.com/re":       1, // a path of its own, not the beginning of ours
		"https://new.bitrix24.com:99999/":   1,
		"//new.bitrix24.com/":               1, // the portal is on http here
	} {
		p, h := newPortal(t)
		p.Fault(writes, failing3(b24test.Redirect(302, location))...)

		_, err := h.CallMethod(t.Context(), writes, nil)

		var re *b24.RedirectError
		require.ErrorAs(t, err, &re, location)
		assert.Equal(t, sent, p.Calls(writes), location)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), location)
		assert.Equal(t, strings.TrimSuffix(p.WebhookURL(), "/rest/1/"+marker+"/"), h.TargetOrigin(), location)
	}
}

// 300 and 304 to 306 are no redirects of a portal, wherever they point to.
func TestOtherStatusesAreNoMove(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 304, 305, 306, 399} {
		p, h := newPortal(t)
		p.Fault(writes, b24test.Redirect(status, "https://new.bitrix24.com/"))
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.Error(t, err, status)
		assert.Equal(t, 1, p.Calls(writes), status)
	}
}

// A new address is remembered once a portal answers from there. Until then it is that of
// one call.
func TestRedirectToWhatIsNoPortal(t *testing.T) {
	t.Parallel()
	var hosts []string
	answers := map[string]string{"new.bitrix24.com": "<html>not here</html>"}
	h, err := b24.FromWebhookURL("https://old.bitrix24.com/rest/1/mycompany", b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			if len(hosts) == 1 || len(hosts) == 4 {
				return answered(302, http.Header{"Location": {"//new.bitrix24.com/"}}, ""), nil
			}
			if text := answers[r.URL.Host]; text != "" {
				return answered(404, nil, text), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.ErrorIs(t, err, b24.ErrBadResponse)
	assert.Equal(t, "https://old.bitrix24.com", h.TargetOrigin())
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.NoError(t, err)

	answers["new.bitrix24.com"] = `{"error":"ACCESS_DENIED","error_description":"no"}` // a portal, after all
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.Equal(t, "https://new.bitrix24.com", h.TargetOrigin())
	assert.Equal(t, []string{"old.bitrix24.com", "new.bitrix24.com", "old.bitrix24.com", "old.bitrix24.com", "new.bitrix24.com"}, hosts)
}

// The host of a new address is taken as it came, also where it looks like a secret.
func TestRedirectToAHostThatIsMasked(t *testing.T) {
	t.Parallel()
	var hosts []string
	h, err := b24.FromWebhookURL("https://old.bitrix24.com/rest/1/mycompany", b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if hosts = append(hosts, r.URL.Host); len(hosts) == 1 {
				return answered(302, http.Header{"Location": {"https://mycompany-new.bitrix24.com:8443/"}}, ""), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.NoError(t, err)
	assert.Equal(t, "mycompany-new.bitrix24.com:8443", hosts[1])
}

// redirecting answers requests by their addresses, scheme and host left out where they are the portal's, with a
// redirect; others with a result.
func redirecting(t *testing.T, webhook string, to map[string]string) (h *b24.Hook, sent func() []string) {
	t.Helper()
	var urls []string
	h, err := b24.FromWebhookURL(webhook, b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, http.MethodPost, r.Method)
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Equal(t, `{"a":1}`, string(body))
			url := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
			urls = append(urls, url)
			if place, ok := to[url]; ok {
				return answered(http.StatusMovedPermanently, http.Header{"Location": {place}}, ""), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	return h, func() []string { defer func() { urls = nil }(); return urls }
}

// A web server that wants a slash at the end of an address answers before the portal runs: the call is made again
// there, by POST, and later calls go there at once.
func TestRedirectToTheSameAddressWithASlash(t *testing.T) {
	t.Parallel()
	const at, address = "https://acme.bitrix24.com", "/rest/1/" + marker + "/" + writes
	for name, location := range map[string]string{
		"whole": at + address + "/", "with the query": at + address + "/?bx24_request_id=1", "path alone": address + "/",
		"another port": at + ":443" + address + "/", "letter case": "https://ACME.bitrix24.com" + address + "/", "without a scheme": "//acme.bitrix24.com" + address + "/",
	} {
		h, sent := redirecting(t, at+"/rest/1/"+marker+"/", map[string]string{at + address: location})
		for _, want := range [][]string{{at + address, at + address + "/"}, {at + address + "/"}} {
			got, err := b24.Call[int](t.Context(), h, writes, b24.Params{"a": 1})
			require.NoError(t, err, name)
			assert.Equal(t, 1, got, name)
			assert.Equal(t, want, sent(), name)
		}
		_, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"a": 1})
		require.NoError(t, err, name)
		assert.Equal(t, []string{at + "/rest/api/1/" + marker + "/" + writesV3 + "/"}, sent(), name)
		assert.Equal(t, at, h.TargetOrigin(), name)
		assert.Equal(t, at+"/rest/1/"+marker, h.TargetOriginWithPath(), name)
	}

	// On this machine too, where a renamed portal is not followed over http.
	const local = "http://127.0.0.1:8080"
	h, sent := redirecting(t, local+"/rest/1/"+marker, map[string]string{local + address: local + address + "/"})
	_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
	require.NoError(t, err)
	assert.Equal(t, []string{local + address, local + address + "/"}, sent())

	// Not where the slash is asked for in the open.
	h, sent = redirecting(t, at+"/rest/1/"+marker, map[string]string{at + address: "http://acme.bitrix24.com" + address + "/"})
	_, err = h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	assert.Len(t, sent(), 1)
}

// A renamed portal may want the slash at once. It is taken off again where the portal says so.
func TestRedirectWithASlashElsewhere(t *testing.T) {
	t.Parallel()
	const old, at, address = "https://old.bitrix24.com", "https://new.bitrix24.com", "/rest/1/" + marker + "/" + writes
	moves := map[string]string{old + address: at + address + "/"}
	h, sent := redirecting(t, old+"/rest/1/"+marker, moves)
	call := func() error { _, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1}); return err }
	require.NoError(t, call())
	assert.Equal(t, []string{old + address, at + address + "/"}, sent())
	require.NoError(t, call())
	assert.Equal(t, []string{at + address + "/"}, sent())
	assert.Equal(t, at, h.TargetOrigin())

	moves[at+address+"/"] = at + address
	require.NoError(t, call())
	assert.Equal(t, []string{at + address + "/", at + address}, sent())
	require.NoError(t, call())
	assert.Equal(t, []string{at + address}, sent())

	moves[at+address] = at + address + "/" // in circles
	err := call()
	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	assert.Len(t, sent(), 2)
	assert.NotContains(t, err.Error(), "new address")
}

// A redirect to another page of the portal's own is no move: nothing is sent there.
func TestRedirectToAnotherPageOfThePortal(t *testing.T) {
	t.Parallel()
	const address = "/rest/1/" + marker + "/" + writes
	for hook, at := range map[string]string{"https://портал.рф": "https://xn--80awhdgm.xn--p1ai", "https://acme.bitrix24.com": "https://acme.bitrix24.com"} {
		for page, requests := range map[string]int{
			at + "/login/?backurl=" + address: 1, at + address + "/x/": 1, at + "/re": 1,
			at + "/": 2, at: 2, at + "/rest/": 2, at + address: 2, // asked once more, not in circles
		} {
			h, sent := redirecting(t, hook+"/rest/1/"+marker, map[string]string{hook + address: page})
			_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
			var re *b24.RedirectError
			require.ErrorAs(t, err, &re, page)
			assert.Equal(t, at, re.Origin)
			assert.Contains(t, err.Error(), "redirects to itself", page)
			for _, url := range sent() {
				assert.Equal(t, hook+address, url, page)
				requests--
			}
			assert.Zero(t, requests, page)
			assert.Equal(t, hook, h.TargetOrigin())
		}
		h, sent := redirecting(t, hook+"/rest/1/"+marker, map[string]string{hook + address: at + address + "/"})
		_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
		require.NoError(t, err)
		assert.Equal(t, []string{hook + address, hook + address + "/"}, sent())
		assert.Equal(t, hook, h.TargetOrigin())
	}
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int, h http.Header, text string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}
