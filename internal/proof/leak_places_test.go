//go:build !race

package proof_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// told is an answer, in which {S} is the secret and {URL} the path of the request, with the secret in it.
type told struct {
	status int
	header http.Header
	body   string
}

// tellingAnswers show the secret in every place that an answer has.
func tellingAnswers() map[string]told {
	const row = `{"id":"7","ID":"7","TITLE":"{S} {URL}","{S}":"{URL}","n":"x{S}","m":{"{S}":{"{URL}":"{S}"}},"access_token":"` + paramToken + `"}`
	page := func(status int, body string) told {
		return told{status, http.Header{"Content-Type": {"text/html; x={URL}; auth=" + paramToken}}, body}
	}
	said := func(status int, body string) told {
		return told{status, http.Header{
			"Content-Type": {"application/json"}, "X-{S}": {"{URL}"}, "Retry-After": {"{S}"}, "Set-Cookie": {"a={S}"}, "Idempotent-Replayed": {"{S}"},
		}, body}
	}
	moved := func(to string) told { return told{http.StatusFound, http.Header{"Location": {to}}, "{URL}"} }
	return map[string]told{
		"object":   said(200, `{"result":`+row+`,"total":"{S}","next":"{S}","{S}":1,"time":{"date_start":"{S}","operating":"{S}","{S}":1}}`),
		"rows":     said(200, `{"result":[`+row+`,{"ID":"8","TITLE":"{S}"}],"total":2,"next":50,"time":{"duration":1,"date_start":"2026-03-20T09:50:00+02:00"}}`),
		"items":    said(200, `{"result":{"items":[`+row+`],"{S}":[1]}}`),
		"item":     said(200, `{"result":{"item":`+row+`,"cursor":"{S}"}}`),
		"ids":      said(200, `{"result":[{"ID":"{S}"},{"ID":"{URL}"}]}`),
		"text":     said(200, `{"result":"{S} {URL}"}`),
		"none":     said(200, `{"{S}":"{URL}","auth":"`+paramToken+`"}`),
		"document": said(200, `{"openapi":"{S}","servers":["{URL}"]}`),
		"batch": said(200, `{"result":{"result":{"a":`+row+`,"0":`+row+`,"{S}":1},"result_error":{"b":{"error":"{URL}","error_description":"{S}","argument":"{S}"},`+
			`"1":"{S}"},"result_total":{"a":"{S}"},"result_next":{"{S}":"{S}"},"result_time":{"{S}":{"operating":"{S}"}},"{S}":{}}}`),
		"batch of REST 3.0": said(200, `{"result":[`+row+`,{"items":[`+row+`]}]}`),
		"error":             said(400, `{"error":"{S}","error_description":"bad call {URL}?auth=`+paramToken+`","argument":"{URL}"}`),
		"number":            said(400, `{"error":403,"error_description":"{S}"}`),
		"error of REST 3.0": said(400, `{"error":{"code":"{URL}","message":"{S}","field":"{S}","validation":[{"field":"{URL}","message":"{S}"}]}}`),
		"error and result":  said(200, `{"result":{"{S}":1},"error":"X","error_description":"{URL}"}`),
		"broken":            said(500, `{"error":"INTERNAL_SERVER_ERROR","error_description":"{S}"}`),
		"refusal":           said(503, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"{URL}"}`),
		"page":              page(502, `<html>{URL} auth=`+paramToken+` &#115;&#x33;&#99;&#x72;&#51;&#x74;&#109;&#x61;&#114;&#x6B;&#101;&#x72;&#55;&#x78; {S}</html>`),
		"page of success":   page(200, `{"result":"{S}"}`),
		"page, not so soon": {503, http.Header{"Retry-After": {"60"}}, "{S}"},
		"cut":               said(200, `{"result":{"auth":"`+paramToken+`","url":"{URL}","x":"{S}`),
		"empty":             page(500, ""),
		"redirect":          moved("https://new.example{URL}?auth=" + paramToken),
		"odd redirect":      moved("https://user:" + paramToken + "@new.example/{URL}"),
		"redirect to it":    moved("https://{S}.example/login"),
		"broken redirect":   moved("https://new.example:port{URL}"),
	}
}

// answeringHook is a client of a portal that always answers the same.
func answeringHook(t *testing.T, e *exhibition, answer told) *b24.Hook {
	t.Helper()
	return hookThrough(t, e, func(r *http.Request) (*http.Response, error) {
		fill := strings.NewReplacer("{S}", marker, "{URL}", r.URL.Path).Replace
		header := http.Header{}
		for name, values := range answer.header {
			header[fill(name)] = []string{fill(values[0])}
		}
		return answered(answer.status, header, fill(answer.body)), nil
	})
}

func hookThrough(t *testing.T, e *exhibition, answer roundTripper) *b24.Hook {
	t.Helper()
	h, err := b24.FromWebhookURL("https://exhibition.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{Transport: answer}),
		b24.WithLogger(e.all.logger(b24.LevelPayload)), b24.WithTrace(e.trace(t)), b24.WithPlan(b24.PlanUnlimited),
		b24.WithRetry(b24.RetryPolicy{MaxAttempts: 2, MaxRefusals: 1, BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}))
	require.NoError(t, err)
	return h
}

// trace shows what a Trace is told.
func (e *exhibition) trace(t *testing.T) *b24.Trace {
	t.Helper()
	show := func(values ...any) { e.show(t, values...) }
	return &b24.Trace{
		CallDone:    func(_ context.Context, call b24.TraceCall, done b24.TraceDone) { show(call, done, done.Err) },
		AttemptDone: func(_ context.Context, call b24.TraceCall, done b24.TraceAttempt) { show(call, done, done.Err) },
		ListDone: func(_ context.Context, list b24.TraceList, report b24.ListReport, err error) {
			show(list, report, err)
		},
		WaitDone: func(_ context.Context, call b24.TraceCall, why b24.WaitReason, _ time.Duration) { show(call, why) },
		Store:    func(_ context.Context, event b24.TraceStore) { show(event, event.Err) },
	}
}

// failures are those of a network, a proxy, or a transport of the caller's.
func failures() []roundTripper {
	failing := func(fail func(r *http.Request) error) roundTripper {
		return func(r *http.Request) (*http.Response, error) { return nil, fail(r) }
	}
	return []roundTripper{
		failing(func(r *http.Request) error { return &url.Error{Op: "Post", URL: r.URL.String(), Err: errors.New("no")} }),
		failing(func(r *http.Request) error { return fmt.Errorf("proxy: cannot reach %s", r.URL) }),
		failing(func(r *http.Request) error {
			return errors.New("proxy: " + r.URL.String()[:len(r.URL.String())/2] + "…")
		}),
		failing(func(r *http.Request) error { return fmt.Errorf("x: %w", &dialError{r.URL, "refused"}) }),
		failing(func(r *http.Request) error { return &hiddenError{request: r} }),
		failing(func(r *http.Request) error {
			return errors.Join(&hiddenError{path: []byte(r.URL.Path)}, context.DeadlineExceeded)
		}),
		func(r *http.Request) (*http.Response, error) {
			answer := answered(http.StatusOK, http.Header{"Content-Type": {r.URL.Path}}, `{"result":"`+r.URL.Path)
			answer.ContentLength = 1000
			answer.Body = brokenBody{errors.New("read " + r.URL.String())}
			return answer, nil
		},
	}
}

// hiddenError shows nothing by itself.
type hiddenError struct {
	request *http.Request
	path    []byte
}

func (e *hiddenError) Error() string { return "proxy: no" }

type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }
func (b brokenBody) Close() error             { return nil }

// visit does with a client all that it can, and shows what comes of it.
func (e *exhibition) visit(t *testing.T, h *b24.Hook, name string) {
	t.Helper()
	clear(e.seen)
	for _, c := range []b24.Client{h, h.V3()} {
		e.calls(t, c)
		e.batches(t, c)
	}
	e.lists(t, h)
	e.rows(t, decorated{h.V3()}, "own.x.list")
	e.giveUp(t, h)
	stats := h.Stats()
	auth, _ := h.Auth().AuthData()
	e.show(t, h, h.V3(), h.String(), h.V3().String(), stats, stats.LastErrors, auth, auth.AccessToken, *h, *h.V3(), slog.Any(name, h))
	e.as(t, "Client", h)
	e.as(t, "Auth", h.Auth())
	require.NoError(t, h.Close())
	_, err := h.CallMethod(t.Context(), h.TargetOriginWithPath(), secretParams())
	e.show(t, err)
}

// giveUp has calls end for a reason of the caller's: before they begin, and between two attempts.
func (e *exhibition) giveUp(t *testing.T, h *b24.Hook) {
	t.Helper()
	why := errors.New("asked by " + h.TargetOriginWithPath())
	over, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := h.CallMethod(over, "crm.deal.add", secretParams())
	e.show(t, err)
	tight, done := context.WithDeadlineCause(t.Context(), time.Now().Add(time.Second), why)
	defer done()
	_, err = h.CallMethod(tight, "crm.deal.get", nil)
	_, batch := h.CallBatch(tight, b24.Commands{{Method: "crm.deal.get"}})
	_, list := h.CallListMethod(tight, "crm.deal.list", nil)
	e.show(t, err, batch, list)
}

func (e *exhibition) calls(t *testing.T, c b24.Client) {
	t.Helper()
	for _, params := range []any{
		secretParams(), nil, b24.Params{"auth": paramToken, marker: make(chan int)}, b24.Ordered{b24.KV(marker, 1), b24.KV(marker, 2)}, b24.Params{"a": marker + "\xff"},
	} {
		r, err := c.CallMethod(t.Context(), "crm.deal.add", params)
		e.show(t, err)
		if r == nil {
			continue
		}
		e.show(t, r, *r, r.Query(), r.Time(), r.Err())
		_, err = r.FetchNext(t.Context())
		e.show(t, err)
		for _, path := range [][]string{nil, {"no", "such"}, {"item"}, {"item", marker}, {"TITLE"}, {"0", "TITLE"}, {"m"}} {
			_, number := b24.Decode[int](r, path...)
			_, strict := b24.Decode[struct{ NO b24.Int }](r, path...)
			_, values := b24.Decode[map[string]b24.Map[b24.Map[b24.DateTime]]](r, path...)
			e.show(t, number, strict, values)
		}
	}
	_, err := b24.Call[b24.Money](t.Context(), c, "crm.deal.get", nil, b24.WithResultKey(marker, "x"))
	e.show(t, err)
	_, err = c.CallListMethod(t.Context(), marker, nil)
	e.show(t, err)
	for _, opt := range []b24.CallOption{b24.WithRequestID(marker), b24.WithIdempotencyKey(marker)} {
		_, err = c.CallMethod(t.Context(), "tasks.task.list", secretParams(), opt)
		e.show(t, err)
		e.as(t, "CallOption", opt)
	}
	for _, method := range []string{marker, foreignAddress, "x." + marker, ""} {
		_, err = c.CallMethod(t.Context(), method, nil)
		e.show(t, err)
	}
}

func (e *exhibition) lists(t *testing.T, c b24.Client) {
	t.Helper()
	var report b24.ListReport
	for _, opts := range [][]b24.ListOption{
		nil,
		{b24.WithPaging(b24.PagingOffset)},
		{b24.WithMethod(b24.ListMethod{IDKey: marker, CursorKey: marker})},
		{b24.WithResultKey(marker)},
		{b24.WithLimit(-1)},
		{b24.WithMethod(b24.ListMethod{NextParam: marker, NextField: marker})},
		{b24.WithResume("b24.1.none")},
		{b24.WithPaging(marker)},
		{b24.WithRequestID(marker)},
	} {
		method := "own.x.list"
		if len(opts) == 0 {
			method = "crm.deal.list"
		}
		opts := append(slices.Clip(opts), b24.WithReport(&report), b24.WithCheckpoint(func(c b24.Cursor) { e.show(t, c) }),
			b24.WithProgress(func(p b24.Progress) { e.show(t, p) }))
		list, err := c.CallListMethod(t.Context(), method, b24.Params{"filter": b24.Params{marker: 1}, "note": b24.Params{marker: nil, foreignAddress: 1}}, opts...)
		e.show(t, list, *list, list.ErrorMessages(), list.Errors(), err, report, report.Paging)
		e.rows(t, c, method, opts...)
		for _, opt := range opts {
			e.as(t, "ListOption", opt)
		}
	}
}

// rows reads rows that cannot be decoded.
func (e *exhibition) rows(t *testing.T, c b24.Client, method string, opts ...b24.ListOption) {
	t.Helper()
	_, err := b24.Collect(b24.List[struct {
		N b24.Int `json:"n"`
		M map[string]map[string]b24.Int
	}](t.Context(), c, method, nil, opts...))
	e.show(t, err)
}

func (e *exhibition) batches(t *testing.T, c b24.Client) {
	t.Helper()
	for _, calls := range []b24.Calls{
		b24.Commands{{Method: "crm.deal.add", Name: "a", Params: secretParams()}, {Method: "crm.deal.add", Name: "b"}, {Method: "crm.deal.get", Name: "c"}},
		b24.Commands{{Method: "crm.deal.get", Params: secretParams()}, {Method: "crm.deal.get"}},
		b24.NamedCommands{marker: {Method: "profile"}},
		b24.Commands{{Method: marker}},
		b24.Commands{{Method: "profile", Params: b24.Params{marker: nil, foreignAddress: true}}},
		b24.Commands{{Name: "x", Method: "profile"}, {Name: "x", Method: "profile"}},
	} {
		for _, call := range []func() (*b24.BatchResult, error){
			func() (*b24.BatchResult, error) { return c.CallBatch(t.Context(), calls) },
			func() (*b24.BatchResult, error) {
				return c.CallBatchByChunk(t.Context(), calls, b24.WithHaltOnError(false))
			},
		} {
			r, err := call()
			e.show(t, err)
			if r == nil {
				continue
			}
			e.show(t, r, r.Err(), r.Time())
			for name, row := range r.All() {
				_, err := b24.Decode[b24.Int](row, "TITLE")
				e.show(t, name, row, row.Query(), row.Err(), err)
			}
		}
	}
	var batch b24.Batch
	first := b24.Queue[b24.ID](&batch, "crm.deal.add", b24.Params{"x": 1}, "item", "id")
	second := batch.Add("crm.deal.update", b24.Params{"id": first.Ref("item", "no")})
	_, err := c.CallBatch(t.Context(), &batch)
	_, firstErr := first.Get()
	_, secondErr := second.Get()
	again, againErr := c.CallBatch(t.Context(), &batch)
	e.show(t, err, firstErr, secondErr, again, againErr, first.Result(), first, b24.OutcomeOf(err))
	e.ask(t, &batch)
	e.note(reflect.ValueOf(&batch))
	for r, err := range b24.StreamBatch(t.Context(), c, slices.Values([]b24.Command{{Method: "crm.deal.add", Name: marker}, {Method: marker}, {Method: foreignAddress}}),
		b24.WithHaltOnError(false)) {
		e.show(t, r, r.Query(), r.Err(), err)
	}
	command := func(method string) b24.Command { return b24.Command{Method: method, Name: marker} }
	for _, reply := range b24.Each[b24.ID](t.Context(), c, slices.Values([]string{"crm.deal.add", marker, foreignAddress}), command) {
		e.show(t, reply.Err)
	}
	for _, err := range b24.Pages(t.Context(), c, "crm.deal.list", nil) {
		e.show(t, err)
	}
	_, err = c.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.get", Params: b24.Params{"id": b24.RefTo(marker, marker)}}})
	e.show(t, err)
	_, err = b24.ParseRef("$result[" + foreignAddress)
	e.show(t, err)
}

// construct shows what makes clients.
func (e *exhibition) construct(t *testing.T) {
	t.Helper()
	secret := b24.NewSecret(marker)
	e.show(t, secret, &secret, b24.HookParams{URL: "https://acme.bitrix24.com", UserID: 1, Secret: secret}, credentials{hidden: secret}, newCredentials(),
		b24.RetryPolicy{MaxAttempts: 3}, b24.PlanStandard, b24.OutcomeRefused, e.trace(t), b24.Code("X"), b24.PriorityBackground)
	for _, address := range []string{
		"http://acme.bitrix24.com/rest/1/" + marker, "https://acme.bitrix24.com/rest/" + marker + "/1/", "https://acme.bitrix24.com/rest/1/" + marker + "/a/b",
		"https://acme.bitrix24.com:port/rest/1/" + marker, "%zz" + marker, "https://u:" + marker + "@/rest/1/s", "https://acme.bitrix24.com/rest/1/" + marker[:5],
	} {
		_, err := b24.FromWebhookURL(address)
		require.Error(t, err)
		e.show(t, err)
		_, err = b24.NewHook(b24.HookParams{URL: address, UserID: 1, Secret: b24.NewSecret(marker + " ")})
		require.Error(t, err)
		e.show(t, err)
	}
	_, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, b24.WithUserAgent(marker))
	require.Error(t, err)
	e.show(t, err)
	e.outage(t)
	for _, opt := range []b24.Option{b24.WithUserAgent(marker), b24.WithHTTPClient(&http.Client{Transport: roundTripper(nil)})} {
		e.as(t, "Option", opt)
	}
}

// outage shows what is told of a store that fails, and what is known of the budget.
func (e *exhibition) outage(t *testing.T) {
	t.Helper()
	store := b24test.NewStore()
	store.Fail(errors.New("redis: no answer for " + marker))
	h, err := b24.FromWebhookURL("https://outage.bitrix24.com/rest/1/"+marker, b24.WithStore(store), b24.WithTrace(e.trace(t)), b24.WithLogger(e.all.logger(b24.LevelPayload)),
		b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return answered(http.StatusOK, nil, `{"result":1}`), nil
		})}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil)
	require.NoError(t, err)
	e.show(t, h.Budget())
	for _, v := range store.Values() {
		e.show(t, string(v))
	}
	require.NoError(t, h.Close())
}
