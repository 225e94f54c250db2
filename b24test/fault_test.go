//go:build !plan9

package b24test_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	for _, tt := range []struct {
		name     string
		fault    b24test.Fault
		status   int
		body     string
		header   string
		value    string
		executed bool
	}{
		{"pass", b24test.Pass().Header("X-A", "1"), 200, `"result":[]`, "X-A", "1", true},
		{"rate", b24test.QueryLimitExceeded().RetryAfter(1500 * time.Millisecond), 503, `"error":"QUERY_LIMIT_EXCEEDED"`, "Retry-After", "2", false},
		{"operating", b24test.OperationTimeLimit(), 429, `"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked`, "", "", false},
		{"overload", b24test.OverloadLimit(), 503, `"error":"OVERLOAD_LIMIT"`, "", "", false},
		{"internal", b24test.InternalServerError(), 500, `"error":"INTERNAL_SERVER_ERROR"`, "Content-Type", "application/json; charset=utf-8", false},
		{"internal afterwards", b24test.InternalServerError().Executed(), 500, `"error":"INTERNAL_SERVER_ERROR"`, "", "", true},
		{"refuse", b24test.Refuse(&b24.Error{Code: "X", Status: 451}), 451, `"error":"X"`, "", "", false},
		{"refuse v3", b24test.RefuseV3(&b24.Error{Code: "X"}), 400, `{"error":{"code":"X"`, "", "", false},
		{"status", b24test.Status(404, `{"error":403}`), 404, `{"error":403}`, "", "", false},
		{"answer", b24test.Answer(b24test.Raw{Body: "x", Header: http.Header{"Content-Type": {"text/x"}}}), 200, "x", "Content-Type", "text/x", false},
		{"html", b24test.HTML(502), 502, "<h1>502 Bad Gateway</h1>", "Content-Type", "text/html; charset=utf-8", false},
		{"html 200", b24test.HTML(200).Executed(), 200, "<html>", "", "", true},
		{"empty", b24test.Empty(200), 200, "", "Content-Length", "0", false},
		{"garbage", b24test.Garbage(), 200, "\x00\xff", "Content-Type", "application/json; charset=utf-8", false},
		{"redirect", b24test.Redirect(302, "https://new.bitrix24.com/x"), 302, "", "Location", "https://new.bitrix24.com/x", false},
	} {
		p.Fault("M", tt.fault)
		a := call(t, p, "m", `{}`)
		assert.Equal(t, tt.status, a.Status, tt.name)
		assert.Contains(t, a.Body, tt.body, tt.name)
		assert.Equal(t, tt.value, a.Header.Get(tt.header), tt.name)
		assert.Equal(t, tt.executed, seen(t, p).Executed, tt.name)
	}
	assert.Equal(t, 15, p.Calls("m"))
	assert.Equal(t, 3, p.Executed("m"))
}

func TestFaultsAreUsedInOrder(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	p.Fault("*", b24test.HTML(504))
	p.Fault("m", b24test.QueryLimitExceeded(), b24test.Pass())
	p.Fault("m", b24test.HTML(500))
	var got []int
	for range 6 {
		got = append(got, call(t, p, "m", `{}`).Status)
	}
	assert.Equal(t, []int{503, 200, 500, 504, 200, 200}, got)
}

// The connection breaks and exactly one request came in.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{true, false} {
		p := echo(t)
		c := p.HTTPClient()
		if !memory {
			c = &http.Client{Transport: &http.Transport{}}
			t.Cleanup(c.CloseIdleConnections)
		}
		post := func() (answer, error) {
			return send(t, c, wire{http.MethodPost, p.WebhookURL() + "m", "application/json", `{"a":"0123456789"}`})
		}
		for i, tt := range []struct {
			fault    b24test.Fault
			executed bool
			is       error
			body     string
		}{
			{b24test.ResetBefore(), false, syscall.ECONNRESET, ""},
			{b24test.ResetAfter(), true, syscall.ECONNRESET, ""},
			{b24test.CutBody(12), true, io.ErrUnexpectedEOF, `{"result":{"`},
			{b24test.CutBody(0), true, io.ErrUnexpectedEOF, ``},
		} {
			p.Fault("m", tt.fault)
			a, err := post()
			require.ErrorIs(t, err, tt.is, "%d", i)
			assert.Equal(t, tt.body, a.Body)
			assert.Equal(t, tt.executed, seen(t, p).Executed)
			assert.Equal(t, 2*i+1, p.Calls("m"))
			_, err = post() // the next connection is sound
			require.NoError(t, err)
		}
	}
}

func TestCutBodyLongerThanTheAnswerIsWhole(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	p.Fault("m", b24test.CutBody(1<<20))
	assert.Contains(t, call(t, p, "m", `{}`).Body, `"time"`)
}

func TestFaultAfterATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t)
		p.Fault("m", b24test.HTML(504).After(time.Minute).Executed(), b24test.ResetAfter().After(time.Second))
		begin := time.Now()
		assert.Equal(t, http.StatusGatewayTimeout, call(t, p, "m", `{}`).Status)
		assert.Equal(t, time.Minute, time.Since(begin))
		_, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.WebhookURL() + "m", "", ""})
		assert.ErrorIs(t, err, syscall.ECONNRESET)
		assert.Equal(t, time.Minute+time.Second, time.Since(begin))
		assert.Equal(t, 2, p.Executed("m"))
	})
}
