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
