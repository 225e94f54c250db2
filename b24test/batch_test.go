package b24test_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// batchOf posts a batch and returns its answer without the times.
func batchOf(t *testing.T, p *b24test.Portal, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.WebhookURL()+"batch", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.HTTPClient().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	whole, _, _ := strings.Cut(string(text), `,"result_time"`)
	return strings.TrimPrefix(whole, `{"result":`)
}

// The vectors of protocol.md 4.6.
func TestReferences(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.Handle("u", func(b24test.Request) (any, error) {
		return b24.Params{"ID": "7", "DEP": []int{3, 5}, "Z": nil}, nil
	})
	p.Handle("n", func(b24test.Request) (any, error) { return 42, nil })
	p.Handle("list", func(b24test.Request) (any, error) {
		return b24test.Result{Value: []b24.Params{{"ID": "10"}, {"ID": "11"}}, Total: new(120), Next: new(50)}, nil
	})
	p.Handle("echo", func(r b24test.Request) (any, error) { return b24.Params{"v": r.Params["v"]}, nil })
	const u, list = `{"DEP":[3,5],"ID":"7","Z":null}`, `[{"ID":"10"},{"ID":"11"}]`
	for _, test := range []struct{ value, want string }{
		{"$result[u][ID]", `"7"`},
		{"$result[n]", `42`},
		{"$result[n][ID]", `42`},
		{"$result[list][1][ID]", `"11"`},
		{"$result[list][49][ID]", list},
		{"$result[nope][ID]", `{"list":` + list + `,"n":42,"u":` + u + `}`},
		{"$result[u][Z]", u},
		{"$result[u][DEP]", `[3,5]`},
		{"x $result[u][ID] y", `"x 7 y"`},
		{"$result[u][ID]_x", `"7"`},
		{"a-$result[u][ID]_x", `"a-7"`},
		{"$result[u][ID],$result[n]", `"7"`},
		{"see $result[u][DEP] now", `"see $result[u][DEP] now"`},
		{"$total[list]", `120`},
		{"$next[list]", `50`},
		{"$results[n]", `42`},
		{"$RESULT[u][ID]", `null`},
		{"$result", `"$result"`},
	} {
		got := batchOf(t, p, `{"cmd":{"u":"u","n":"n","list":"list","echo":"echo?v=`+url.QueryEscape(test.value)+`"}}`)
		assert.Contains(t, got, `"echo":{"v":`+test.want+`}`, test.value)
	}
}

func TestBatchSections(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.Handle("ok", func(r b24test.Request) (any, error) { return r.Params["v"], nil })
	p.Handle("bad", func(b24test.Request) (any, error) {
		return nil, &b24.Error{Code: "BAD", Description: "no"}
	})
	const bad = `{"error":"BAD","error_description":"no"}`
	for body, want := range map[string]string{
		`{"cmd":["ok?v=1","ok?v=a%20b"]}`:            `{"result":["1","a b"],"result_error":[],"result_total":[],"result_next":[]`,
		`{"cmd":["ok?v=1","bad","ok?v=3"]}`:          `{"result":{"0":"1","2":"3"},"result_error":{"1":` + bad + `},"result_total":[],"result_next":[]`,
		`{"cmd":["bad","ok?v=2"]}`:                   `{"result":{"1":"2"},"result_error":[` + bad + `],"result_total":[],"result_next":[]`,
		`{"halt":1,"cmd":["ok?v=1","bad","ok?v=3"]}`: `{"result":["1"],"result_error":{"1":` + bad + `},"result_total":[],"result_next":[]`,
		`{"halt":"false","CMD":["bad","ok"]}`:        `{"result":[],"result_error":[` + bad + `],"result_total":[],"result_next":[]`,
		`{"halt":"0","cmd":["bad","ok"]}`:            `{"result":{"1":null},"result_error":[` + bad + `],"result_total":[],"result_next":[]`,
		`{"cmd":{"b":"ok?v=1","a":"ok?v=2"}}`:        `{"result":{"b":"1","a":"2"},"result_error":[],"result_total":[],"result_next":[]`,
		`{"cmd":[{"method":"ok"},"ok?v=1#x"]}`:       `{"result":{"1":"1"},"result_error":[],"result_total":[],"result_next":[]`,
		`{"cmd":"ok"}`:                               `{"result":[],"result_error":[],"result_total":[],"result_next":[]`,
		`{}`:                                         `{"result":[],"result_error":[],"result_total":[],"result_next":[]`,
		`{"cmd":["ok?v[a]=1&v[b][]=2"]}`:             `{"result":[{"a":"1","b":["2"]}],"result_error":[],"result_total":[],"result_next":[]`,
		`{"cmd":["batch?cmd[0]=ok","nope"]}`: `{"result":[],"result_error":[{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"},` +
			`{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}],"result_total":[],"result_next":[]`,
	} {
		assert.Equal(t, want, batchOf(t, p, body), body)
	}
}

func TestBatchTakesFiftyCommands(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.Handle("ok", func(b24test.Request) (any, error) { return 1, nil })
	got := batchOf(t, p, `{"cmd":["ok"`+strings.Repeat(`,"ok"`, 50)+`]}`)
	assert.Contains(t, got, `"result_error":{"50":{"error":"ERROR_BATCH_LENGTH_EXCEEDED"`)
	assert.Equal(t, 50, p.Executed("ok"))
	assert.Zero(t, p.Calls("ok"))
	assert.Len(t, p.Commands(), 50)
}

func TestLimitsInsideABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(time.Minute), b24test.WithQueryLimit(1, 1),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 40 * time.Second}, "heavy"))
		p.Handle("heavy", func(b24test.Request) (any, error) { return 1, nil })
		p.Handle("light", func(b24test.Request) (any, error) { return 1, nil })
		got := batchOf(t, p, `{"cmd":["heavy","heavy","heavy","light"]}`)
		assert.Contains(t, got, `{"result":{"0":1,"1":1,"3":1},"result_error":{"2":{"error":"OPERATION_TIME_LIMIT"`)
		assert.Equal(t, 1, p.Refusals()) // the command; the batch was one request
	})
}

func TestBatchThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		p.Handle("slow", func(b24test.Request) (any, error) {
			time.Sleep(25 * time.Second) // of the bubble
			return 1, nil
		})
		got := batchOf(t, p, `{"cmd":["slow","slow","slow","slow"]}`)
		assert.Contains(t, got, "504 Gateway")
		assert.Equal(t, 3, p.Executed("slow"))
	})
}

func TestFaultsOfCommands(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.Handle("ok", func(b24test.Request) (any, error) { return 1, nil })
	p.Fault("ok", b24test.Pass(), b24test.OperationTimeLimit(), b24test.InternalServerError().Executed())
	got := batchOf(t, p, `{"cmd":["ok","ok","ok","ok"]}`)
	assert.Contains(t, got, `{"result":{"0":1,"3":1},"result_error":{"1":{"error":"OPERATION_TIME_LIMIT"`)
	assert.Contains(t, got, `"2":{"error":"INTERNAL_SERVER_ERROR"`)
	assert.Equal(t, 3, p.Executed("ok"))
}
