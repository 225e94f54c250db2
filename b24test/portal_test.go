package b24test_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// answer is what came back over the wire.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// field decodes the answer and walks down to a member.
func (a answer) field(t *testing.T, path ...any) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(a.Body))
	dec.UseNumber()
	var v any
	require.NoError(t, dec.Decode(&v), a.Body)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			require.True(t, ok, "%v in %s", path, a.Body)
			v = m[step]
		case int:
			l, ok := v.([]any)
			require.True(t, ok && step < len(l), "%v in %s", path, a.Body)
			v = l[step]
		}
	}
	return v
}

func (a answer) has(t *testing.T, key string) bool {
	t.Helper()
	m, ok := a.field(t).(map[string]any)
	require.True(t, ok)
	_, ok = m[key]
	return ok
}

// ids are the ids of the rows below path.
func (a answer) ids(t *testing.T, id string, path ...any) []string {
	t.Helper()
	rows, ok := a.field(t, path...).([]any)
	require.True(t, ok, a.Body)
	ids := []string{}
	for _, row := range rows {
		m, ok := row.(map[string]any)
		require.True(t, ok)
		ids = append(ids, fmt.Sprint(m[id]))
	}
	return ids
}

// wire is a request to send.
type wire struct{ verb, address, contentType, body string }

func send(t *testing.T, c *http.Client, w wire) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), w.verb, w.address, strings.NewReader(w.body))
	require.NoError(t, err)
	if w.contentType != "" {
		req.Header.Set("Content-Type", w.contentType)
	}
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

// call posts a JSON body to a method.
func call(t *testing.T, p *b24test.Portal, method, body string) answer {
	t.Helper()
	a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + method, "application/json", body})
	require.NoError(t, err)
	return a
}

// seen hands back the last request that came in.
func seen(t *testing.T, p *b24test.Portal) b24test.Request {
	t.Helper()
	all := p.Requests()
	require.NotEmpty(t, all)
	return all[len(all)-1]
}

// echo makes a portal with a method m.
func echo(t *testing.T, opts ...b24test.Option) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, opts...)
	p.Handle("m", func(req b24test.Request) (any, error) { return req.Params, nil })
	return p
}

func TestLoopbackAndMemoryReachTheSamePortal(t *testing.T) {
	t.Parallel()
	p := echo(t)

	u, err := url.Parse(p.WebhookURL())
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", u.Hostname())
	assert.Equal(t, "/rest/1/"+p.Secret()+"/", u.Path)

	c := &http.Client{}
	t.Cleanup(c.CloseIdleConnections)
	a, err := send(t, c, wire{http.MethodPost, p.WebhookURL() + "m", "application/json", `{"a":1}`})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, a.Status)
	assert.Equal(t, "application/json; charset=utf-8", a.Header.Get("Content-Type"))

	a = call(t, p, "m", `{"a":1}`)
	assert.Equal(t, json.Number("1"), a.field(t, "result", "a"))
	assert.Equal(t, 2, p.Calls("M"))
	assert.Equal(t, 2, p.Executed("m"))
}

func TestMemoryTakesAnyHostAndScheme(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	require.Regexp(t, `^http://[a-z2-7]{8}\.b24test\.localhost/rest/1/`+p.Secret()+"/$", p.WebhookURL())

	a, err := send(t, p.HTTPClient(), wire{http.MethodPost, "https://new.bitrix24.com/rest/1/" + p.Secret() + "/m", "application/json", `{}`})

	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, a.Status)
	assert.Equal(t, "new.bitrix24.com", seen(t, p).Host)
}

func TestBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t)
		p.Fault("m", b24test.Delay(40*time.Second), b24test.DelayAnswer(time.Hour))
		begin := time.Now()

		require.Contains(t, p.WebhookURL(), ".b24test.localhost/")
		call(t, p, "m", `{}`)
		assert.Equal(t, 40*time.Second, time.Since(begin))

		a := call(t, p, "m", `{}`)
		assert.Equal(t, time.Hour+40*time.Second, time.Since(begin))
		assert.Equal(t, "2000-01-01T00:00:40+00:00", a.field(t, "time", "date_start"))
		assert.Equal(t, time.Date(2000, 1, 1, 0, 0, 40, 0, time.UTC), seen(t, p).Time.UTC())
	})
}

func TestHangingUpEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t)
		p.Handle("slow", func(req b24test.Request) (any, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		p.Fault("m", b24test.Delay(time.Hour), b24test.DelayAnswer(time.Hour))
		c := *p.HTTPClient()
		c.Timeout = time.Minute
		begin := time.Now()

		for i, method := range []string{"m", "m", "slow"} {
			_, err := send(t, &c, wire{http.MethodPost, p.WebhookURL() + method, "application/json", `{}`})
			require.Error(t, err)
			assert.Equal(t, time.Duration(i+1)*time.Minute, time.Since(begin))
		}
		synctest.Wait()
		all := p.Requests()
		require.Len(t, all, 3)
		assert.Equal(t, []bool{false, true, true}, []bool{all[0].Executed, all[1].Executed, all[2].Executed})
	})
}

func TestStartAndClose(t *testing.T) {
	t.Parallel()
	p, err := b24test.Start(b24test.WithPrefix("/a/b/"), b24test.WithCredentials(7, "xyz"))
	require.NoError(t, err)
	p.Handle("m", func(b24test.Request) (any, error) { return true, nil })
	assert.True(t, strings.HasSuffix(p.WebhookURL(), "/a/b/rest/7/xyz/"), p.WebhookURL())
	assert.True(t, strings.HasSuffix(p.V3().WebhookURL(), "/a/b/rest/api/7/xyz/"))
	assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)

	p.Close()
	p.Close()

	_, err = send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", "", ""})
	require.Error(t, err)
}

func TestOptionsReportAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := b24test.Start(b24test.WithPrefix("a?b"), b24test.WithCredentials(0, "x"), b24test.WithCredentials(1, "a/b"), b24test.WithOperating(-1, 0))
	require.Error(t, err)
	for _, part := range []string{"prefix", "user 0", "path segment", "negative"} {
		assert.ErrorContains(t, err, part)
	}
}

// An on-premise portal under a sub-path.
func TestAddresses(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithPrefix("sub"), b24test.WithMemory())
	p.Handle("tasks.flow.Flow.create", func(b24test.Request) (any, error) { return "flow", nil })
	p.Handle("task.stages.get", func(b24test.Request) (any, error) { return "lower", nil })
	s := p.Secret()
	for _, tt := range []struct {
		path   string
		status int
		code   any
	}{
		{"/sub/rest/1/" + s + "/m", 200, nil},
		{"/sub/rest/1/" + s + "/m/", 200, nil},
		{"/sub/rest/1/" + s + "/m.json", 200, nil},
		{"/sub/rest/1/" + s + "/m.xml/", 200, nil},
		{"/sub/rest/1/" + s + "/M", 200, nil},
		{"/sub/rest/1/" + s + "/Task.Stages.GET", 200, nil},
		{"/sub/rest/1/" + s + "/tasks.flow.Flow.create", 200, nil},
		{"/sub/rest/1/" + s + "/tasks.flow.flow.create", 404, "ERROR_METHOD_NOT_FOUND"},
		{"/sub/rest/1/" + s + "/nope", 404, "ERROR_METHOD_NOT_FOUND"},
		{"/sub/rest/1/wrong/nope", 404, "ERROR_METHOD_NOT_FOUND"},
		{"/sub/rest/1/wrong/m", 401, "INVALID_CREDENTIALS"},
		{"/sub/rest/2/" + s + "/m", 401, "INVALID_CREDENTIALS"},
		{"/sub/rest/m", 401, "NO_AUTH_FOUND"},
	} {
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, "http://x" + tt.path, "application/json", "{}"})
		require.NoError(t, err)
		assert.Equal(t, tt.status, a.Status, tt.path)
		assert.Equal(t, tt.code, a.field(t, "error"), tt.path)
		assert.Equal(t, tt.code == nil, a.has(t, "time"), tt.path)
	}
	for _, path := range []string{"/rest/1/" + s + "/m", "/sub/rest/1/" + s, "/sub/", "/sub/rest/", "/other"} {
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, "http://x" + path, "application/json", "{}"})
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, a.Status, path)
		assert.Equal(t, "text/html; charset=utf-8", a.Header.Get("Content-Type"), path)
	}
	assert.Equal(t, "Method not found!", call(t, p, "nope", "{}").field(t, "error_description"))
}

func TestRequestsTellWhatCameIn(t *testing.T) {
	t.Parallel()
	p := echo(t)
	a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m.json?bx24_request_id=r1&x=1", "application/json", `{"start":"50","list":[1.50,"a"],"o":{}}`})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.Status)

	r := seen(t, p)
	assert.Equal(t, "m", r.Method)
	assert.Equal(t, 2, r.Version)
	assert.Equal(t, "1", r.User)
	assert.Equal(t, http.MethodPost, r.Verb)
	assert.Equal(t, "r1", r.RequestID)
	assert.Equal(t, "1", r.Query.Get("x"))
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"start":"50","list":[1.50,"a"],"o":{}}`, string(r.RawBody))
	assert.Equal(t, map[string]any{
		"bx24_request_id": "r1", "x": "1", "list": []any{json.Number("1.50"), "a"}, "o": map[string]any{},
	}, r.Params)
	start, ok := r.Start()
	assert.True(t, ok)
	assert.Equal(t, 50, start)
	assert.True(t, r.Executed)
	assert.Nil(t, r.Args)

	call(t, p, "nope", `{}`)
	assert.False(t, seen(t, p).Executed)
	_, ok = seen(t, p).Start()
	assert.False(t, ok)
}

func TestHandlersRunAtOnceAndWithoutALock(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	both := make(chan struct{})
	p.Handle("meet", func(req b24test.Request) (any, error) {
		p.Handle("other", func(b24test.Request) (any, error) { return 1, nil }) // would deadlock under a lock
		p.Seed("crm.deal", b24.Params{"TITLE": "x"})
		select {
		case both <- struct{}{}:
		case <-both:
		case <-req.Context().Done():
		}
		return p.Calls("meet"), nil
	})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			resp, err := p.HTTPClient().Post(p.WebhookURL()+"meet", "application/json", bytes.NewReader([]byte(`{}`)))
			if assert.NoError(t, err) {
				assert.NoError(t, resp.Body.Close())
			}
		})
	}
	wg.Wait()
	assert.Len(t, p.Rows("crm.deal"), 2)
}

// recorder is a testing.TB that notes errors in place of failing.
type recorder struct {
	testing.TB

	mu    sync.Mutex
	texts []string
}

func (r *recorder) Error(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, fmt.Sprint(args...))
}

func TestPanicIsAPHPFatalAndFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb)
	p.Handle("m", func(b24test.Request) (any, error) { panic("boom") })

	a := call(t, p, "m", `{}`)

	assert.Equal(t, http.StatusInternalServerError, a.Status)
	assert.Contains(t, a.Body, "<html>")
	p.Seed("crm.deal", b24.Params{"X": make(chan int)}, b24.Params{"ID": "abc"})
	p.Seed("crm.item", b24.Params{"title": "x"})
	tb.mu.Lock()
	defer tb.mu.Unlock()
	require.Len(t, tb.texts, 3)
	assert.Contains(t, tb.texts[0], "handler of m: panic: boom")
	assert.Contains(t, tb.texts[1], "seed crm.deal: row 0")
	assert.Contains(t, tb.texts[2], "crm.item:2")
}

func TestPortalIsAnHTTPHandler(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/rest/1/"+p.Secret()+"/m", strings.NewReader(`{}`))
	p.ServeHTTP(w, r)
	assert.Equal(t, http.StatusOK, w.Code)
}
