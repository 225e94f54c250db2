package b24test_test

import (
	"io"
	"net/http"
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

// keyed posts with Idempotency-Key headers.
func keyed(t *testing.T, p *b24test.Portal, method, body string, keys ...string) (answer, error) {
	t.Helper()
	return doV3(t, p, withKeys(t, p, method, body, keys...))
}

func withKeys(t *testing.T, p *b24test.Portal, method, body string, keys ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.V3().WebhookURL()+method, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header["Idempotency-Key"] = keys
	return req
}

func doV3(t *testing.T, p *b24test.Portal, req *http.Request) (answer, error) {
	t.Helper()
	resp, err := p.HTTPClient().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

func mustV3(t *testing.T) func(answer, error) answer {
	t.Helper()
	return func(a answer, err error) answer {
		t.Helper()
		require.NoError(t, err)
		return a
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := goodsV3(t, 1)
		const body = `{"fields":{"name":"x"}}`
		first := mustV3(t)(keyed(t, p, "shop.good.add", body, "k 1"))
		assert.Equal(t, "k 1", first.Header.Get("Idempotency-Key"))
		assert.Empty(t, first.Header.Get("Idempotent-Replayed"))

		wait(24*time.Hour - 1)
		again := mustV3(t)(keyed(t, p, "SHOP.good.add", body, "k 1"))
		assert.Equal(t, first.Body, again.Body, "the very answer, with its time")
		assert.Equal(t, "k 1", again.Header.Get("Idempotency-Key"))
		assert.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
		assert.Equal(t, 1, p.Executed("shop.good.add"))
		assert.Equal(t, 2, p.Calls("shop.good.add"))
		assert.False(t, seen(t, p).Executed)

		other := mustV3(t)(keyed(t, p, "shop.good.add", body+" ", "k 1"))
		assert.Equal(t, http.StatusUnprocessableEntity, other.Status)
		assert.Equal(t, "IDEMPOTENCYKEYREUSEDEXCEPTION", codeOf(t, other))
		assert.Equal(t, "k 1", other.Header.Get("Idempotency-Key"))

		assert.Empty(t, mustV3(t)(keyed(t, p, "shop.good.add", body, "k 2")).Header.Get("Idempotent-Replayed"), "another key")
		p.V3().Seed("tasks.task", b24.Params{"id": 1, "title": "t"})
		assert.Equal(t, http.StatusOK, mustV3(t)(keyed(t, p, "tasks.task.delete", `{"id":1}`, "k 1")).Status, "another method")

		wait(1)
		late := mustV3(t)(keyed(t, p, "shop.good.add", body, "k 1"))
		assert.Empty(t, late.Header.Get("Idempotent-Replayed"), "a day later the key is forgotten")
		assert.Equal(t, 3, p.Executed("shop.good.add"))
	})
}

// What the key is for: the answer is lost, the call is repeated, and there is one row.
func TestIdempotencyKeyAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 0)
	p.Fault("shop.good.add", b24test.ResetAfter(), b24test.HTML(502).Executed(), b24test.Pass().Header("X-Late", "1"))
	const body = `{"fields":{"name":"x"}}`
	_, err := keyed(t, p, "shop.good.add", body, "k")
	require.Error(t, err)
	assert.Equal(t, http.StatusBadGateway, mustV3(t)(keyed(t, p, "shop.good.add", body, "k")).Status)
	a := mustV3(t)(keyed(t, p, "shop.good.add", body, "k"))
	assert.JSONEq(t, `{"id":1}`, resultText(t, a))
	assert.Equal(t, "true", a.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, "1", a.Header.Get("X-Late"))
	assert.Len(t, p.V3().Rows("shop.good"), 1)
	assert.Equal(t, 3, p.Calls("shop.good.add"))
	assert.Equal(t, 1, p.Executed("shop.good.add"))
}

func TestIdempotencyKeyOfErrors(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	status := 400
	p.V3().Handle("my.add", func(b24test.Request) (any, error) { return nil, &b24.Error{Code: "X", Status: status} })
	for _, status = range []int{400, 200, 500} {
		a := mustV3(t)(keyed(t, p, "my.add", `{}`, "k"))
		assert.Equal(t, status, a.Status)
		assert.Equal(t, "k", a.Header.Get("Idempotency-Key"))
	}
	p.V3().Handle("my.add", func(b24test.Request) (any, error) { return b24test.Raw{Status: 500, Body: `{"result":1}`}, nil })
	assert.Equal(t, 500, mustV3(t)(keyed(t, p, "my.add", `{}`, "k")).Status)
	p.V3().Handle("my.add", func(b24test.Request) (any, error) { return 1, nil })
	a := mustV3(t)(keyed(t, p, "my.add", `{"other":1}`, "k"))
	assert.Equal(t, http.StatusOK, a.Status, "an error was not stored, nor its body")
	assert.Equal(t, 5, p.Executed("my.add"))
}

func TestIdempotencyKeyScope(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 1)
	p.Handle("my.add", func(b24test.Request) (any, error) { return 1, nil })
	for _, bad := range [][]string{{""}, {strings.Repeat("k", 256)}, {"ключ"}, {"a\tb"}} {
		a := mustV3(t)(keyed(t, p, "shop.good.add", `{"fields":{}}`, bad...))
		assert.Equal(t, http.StatusBadRequest, a.Status, bad)
		assert.Equal(t, "INVALIDIDEMPOTENCYKEYEXCEPTION", codeOf(t, a))
	}
	assert.Zero(t, p.Executed("shop.good.add"))
	for range 2 {
		a := mustV3(t)(keyed(t, p, "shop.good.add", `{"fields":{}}`, strings.Repeat("k", 255)))
		assert.Equal(t, http.StatusOK, a.Status)
		for _, method := range []string{"shop.good.list", "shop.good.tail", "documentation"} {
			a = mustV3(t)(keyed(t, p, method, `{}`, "k"))
			assert.Empty(t, a.Header.Get("Idempotency-Key"), "what only reads does not look at the key")
		}
		a = mustV3(t)(keyed(t, p, "batch", `[{"method":"shop.good.add","query":{"fields":{}}}]`, "k"))
		assert.Empty(t, a.Header.Get("Idempotent-Replayed"), "nobody knows of a batch: here it runs again")
	}
	assert.Equal(t, 1, p.Executed("shop.good.add"))
	assert.Len(t, p.V3().Rows("shop.good"), 4)

	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.WebhookURL()+"my.add", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header.Set("Idempotency-Key", "k")
		_, err = doV3(t, p, req)
		require.NoError(t, err)
	}
	assert.Equal(t, 2, p.Executed("my.add"), "the classic API does not know the key")
}

// As the documentation warns: before the first answer is stored the second call runs too.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := b24test.NewPortal(t, b24test.WithLatency(time.Second))
		slow.V3().Handle("my.add", func(b24test.Request) (any, error) { return 1, nil })
		var wg sync.WaitGroup
		for range 2 {
			req := withKeys(t, slow, "my.add", `{}`, "k")
			wg.Go(func() {
				resp, err := slow.HTTPClient().Do(req)
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, resp.StatusCode)
					assert.Empty(t, resp.Header.Get("Idempotent-Replayed"))
					assert.NoError(t, resp.Body.Close())
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 2, slow.Executed("my.add"))
		a, err := keyed(t, slow, "my.add", `{}`, "k")
		require.NoError(t, err)
		assert.Equal(t, "true", a.Header.Get("Idempotent-Replayed"))
	})
}
