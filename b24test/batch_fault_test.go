package b24test_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestBatchFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		fault          b24test.Fault
		result, errors string
		executed       int
	}{
		{"operating time", b24test.OperationTimeLimit(), `{"0":1,"2":1}`, `{"1":` + blockedRow + `}`, 0},
		{"500", b24test.InternalServerError(), `{"0":1,"2":1}`, `{"1":{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}}`, 0},
		{"500 after it ran", b24test.InternalServerError().Executed(), `{"0":1,"2":1}`, `{"1":{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}}`, 1},
		{"query limit", b24test.QueryLimitExceeded(), `{"0":1,"2":1}`, `{"1":{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}}`, 0},
		{"refused", b24test.Refuse(&b24.Error{Code: "ERROR_CORE", Description: "no"}), `{"0":1,"2":1}`, `{"1":{"error":"ERROR_CORE","error_description":"no"}}`, 0},
		{"left out", b24test.Omit(), `{"0":1,"2":1}`, `[]`, 0},
		{"left out after it ran", b24test.Omit().Executed(), `{"0":1,"2":1}`, `[]`, 1},
		{"null", b24test.Status(200, `{"result":null}`), `[1,null,1]`, `[]`, 0},
		{"pass", b24test.Pass(), `[1,"done",1]`, `[]`, 1},
	} {
		p := batching(t)
		p.Handle("m", func(b24test.Request) (any, error) { return "done", nil })
		p.Fault("M", tt.fault)
		a := call(t, p, "batch", `{"cmd":["one","m","one"]}`)
		assert.Equal(t, http.StatusOK, a.Status, tt.name)
		assert.Equal(t, []string{tt.result, tt.errors}, a.sections(t), tt.name)
		assert.Equal(t, []int{1, tt.executed}, []int{p.Calls("m"), p.Executed("m")}, tt.name)
		assert.Equal(t, `[1,"done",1]`, call(t, p, "batch", `{"cmd":["one","m","one"]}`).section(t, "result"), tt.name)
	}
}

func TestBatchFaultHalts(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Fault("one", b24test.Pass(), b24test.OperationTimeLimit())
	a := call(t, p, "batch", `{"halt":1,"cmd":["one","one","one"]}`)
	assert.Equal(t, []string{`[1]`, `{"1":` + blockedRow + `}`}, a.sections(t))
	assert.Equal(t, []int{2, 1}, []int{p.Calls("one"), p.Executed("one")})
}

// A fault that is no row ends the batch where it happens; "*" is for whole requests.
func TestBatchBreaks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		method string
		fault  b24test.Fault
		status int
		one, m int
	}{
		{"page", "m", b24test.HTML(http.StatusBadGateway), http.StatusBadGateway, 1, 0},
		{"page after it ran", "m", b24test.HTML(http.StatusBadGateway).Executed(), http.StatusBadGateway, 1, 1},
		{"empty", "m", b24test.Empty(http.StatusOK), http.StatusOK, 1, 0},
		{"garbage", "m", b24test.Garbage(), http.StatusOK, 1, 0},
		{"moved", "m", b24test.Redirect(http.StatusFound, "https://new/"), http.StatusFound, 1, 0},
		{"page for the batch", "batch", b24test.HTML(http.StatusBadGateway), http.StatusBadGateway, 0, 0},
		{"page for anything", "*", b24test.HTML(http.StatusBadGateway).Executed(), http.StatusBadGateway, 2, 1},
	} {
		p := batching(t)
		p.Handle("m", func(b24test.Request) (any, error) { return "done", nil })
		p.Fault(tt.method, tt.fault)
		a := call(t, p, "batch", `{"cmd":["one","m","one"]}`)
		assert.Equal(t, tt.status, a.Status, tt.name)
		assert.NotContains(t, a.Body, "result_error", tt.name)
		assert.Equal(t, tt.one, p.Executed("one"), tt.name)
		assert.Equal(t, tt.m, p.Executed("m"), tt.name)
		assert.Equal(t, `[1,"done",1]`, call(t, p, "batch", `{"cmd":["one","m","one"]}`).section(t, "result"), tt.name)
	}
}

func TestBatchIsCutOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  b24test.Fault
		one, m int
	}{
		{"reset before", b24test.ResetBefore(), 1, 0},
		{"reset after", b24test.ResetAfter(), 1, 1},
		{"cut", b24test.CutBody(20), 2, 1},
	} {
		p := batching(t)
		p.Handle("m", func(b24test.Request) (any, error) { return "done", nil })
		p.Fault("m", tt.fault)
		a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "batch", "application/json", `{"cmd":["one","m","one"]}`})
		require.Error(t, err, tt.name)
		assert.LessOrEqual(t, len(a.Body), 20, tt.name)
		assert.Equal(t, tt.one, p.Executed("one"), tt.name)
		assert.Equal(t, tt.m, p.Executed("m"), tt.name)
	}
}

func TestBatchFaultHeaders(t *testing.T) {
	t.Parallel()
	p := batching(t)
	p.Fault("one", b24test.OperationTimeLimit().RetryAfter(time.Minute))
	assert.Equal(t, "60", call(t, p, "batch", `{"cmd":["one","one"]}`).Header.Get("Retry-After"))
}

func TestBatchEndsWithAPanic(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	p.Handle("m", func(b24test.Request) (any, error) { panic("boom") })
	a := call(t, p, "batch", `{"cmd":["crm.deal.list","m","crm.deal.list"]}`)
	assert.Equal(t, http.StatusInternalServerError, a.Status)
	assert.Equal(t, 1, p.Calls("crm.deal.list"))
	tb.mu.Lock()
	defer tb.mu.Unlock()
	assert.Len(t, tb.texts, 1)
}
