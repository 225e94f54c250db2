package b24_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// end is how a call ends whose first attempt meets a fault.
type end struct {
	sent    int
	success bool
	outcome b24.Outcome // of the error
}

// class is what a fault means for a repeat: one column for each kind of call.
type class struct{ read, write, vouched, once end }

func classes() map[string]class {
	ok := func(sent int) end { return end{sent: sent, success: true} }
	failed := func(o b24.Outcome) end { return end{sent: 1, outcome: o} }
	same := func(e end) class { return class{e, e, e, e} }
	return map[string]class{
		"harmless":            same(ok(1)),
		"refused":             {ok(2), ok(2), ok(2), failed(b24.OutcomeRefused)},
		"lost":                {ok(2), failed(b24.OutcomeUnknown), ok(2), failed(b24.OutcomeUnknown)},
		"final":               same(failed(b24.OutcomeRefused)),
		"final, may have run": same(failed(b24.OutcomeUnknown)),
	}
}

// Every fault a portal can play, with every kind of call: how often the portal
// sees the call, how often it runs it, and what the caller is told.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://new.bitrix24.com/"
	portalError := func(status int, code string) b24test.Fault {
		return b24test.Status(status, fmt.Sprintf(`{"error":%q,"error_description":"d"}`, code))
	}
	for _, row := range []struct {
		name, class string
		fault       b24test.Fault
		runs        int // the attempt that meets the fault is executed
	}{
		{"pass", "harmless", b24test.Pass(), 1},
		{"slow", "harmless", b24test.Delay(70 * time.Second), 1},
		{"slow answer", "harmless", b24test.DelayAnswer(70 * time.Second), 1},
		{"rate", "refused", b24test.QueryLimitExceeded(), 0},
		{"rate, Retry-After", "refused", b24test.QueryLimitExceeded().RetryAfter(time.Minute), 0},
		{"rate in 200", "refused", portalError(200, "QUERY_LIMIT_EXCEEDED"), 0},
		{"rate in 429", "refused", portalError(429, "query_limit_exceeded"), 0},
		{"operating", "refused", b24test.OperationTimeLimit(), 0},
		{"operating in 200", "refused", portalError(200, "OPERATION_TIME_LIMIT"), 0},
		{"no database", "refused", portalError(401, "CONNECTION_ERROR"), 0},
		{"moved", "refused", b24test.Redirect(302, elsewhere), 0},
		{"moved for good", "refused", b24test.Redirect(301, elsewhere), 0},
		{"see other", "refused", b24test.Redirect(303, elsewhere), 0},
		{"moved, 307", "refused", b24test.Redirect(307, elsewhere), 0},
		{"moved, 308", "refused", b24test.Redirect(308, elsewhere), 0},
		{"moved into the open", "final", b24test.Redirect(302, "http://new.bitrix24.com/"), 0},
		{"moved nowhere", "final", b24test.Redirect(302, "/login"), 0},
		{"reset before", "lost", b24test.ResetBefore(), 0},
		{"reset after", "lost", b24test.ResetAfter(), 1},
		{"cut at once", "lost", b24test.CutBody(0), 1},
		{"cut", "lost", b24test.CutBody(7), 1},
		{"timeout before", "lost", b24test.Delay(80 * time.Second), 0},
		{"timeout after", "lost", b24test.DelayAnswer(80 * time.Second), 1},
		{"bare 500", "lost", b24test.Empty(500), 0},
		{"bare 500, ran", "lost", b24test.Empty(500).Executed(), 1},
		{"bare 503", "lost", b24test.Empty(503), 0},
		{"502 page", "lost", b24test.HTML(502), 0},
		{"504 page, ran", "lost", b24test.HTML(504).Executed(), 1},
		{"408 page", "lost", b24test.HTML(408), 0},
		{"200 page, ran", "lost", b24test.HTML(200).Executed(), 1},
		{"garbage, ran", "lost", b24test.Garbage().Executed(), 1},
		{"empty 200, ran", "lost", b24test.Empty(200).Executed(), 1},
		{"portal's 500", "lost", b24test.InternalServerError(), 0},
		{"portal's 500, ran", "lost", b24test.InternalServerError().Executed(), 1},
		{"overload", "final", b24test.OverloadLimit(), 0},
		{"firewall", "final, may have run", b24test.HTML(403), 0},
		{"too large", "final, may have run", b24test.HTML(413), 0},
		{"credentials", "final", portalError(401, "INVALID_CREDENTIALS"), 0},
		{"denied", "final", portalError(403, "ACCESS_DENIED"), 0},
		{"unknown method", "final", portalError(404, "ERROR_METHOD_NOT_FOUND"), 0},
		{"unknown code", "final", portalError(400, "MY_CODE"), 0},
		{"unknown code, 200", "final", portalError(200, "MY_CODE"), 0},
		{"unknown code, 500", "final, may have run", portalError(500, "MY_CODE"), 0},
		{"wrong encoding", "final, may have run", portalError(200, "WRONG_ENCODING"), 0},
		{"refused in v2", "final", b24test.Refuse(&b24.Error{Code: "MY_CODE"}), 0},
		{"refused in v3", "final", b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_LOGICEXCEPTION"}), 0},
	} {
		of, ok := classes()[row.class]
		require.True(t, ok, row.class)
		for kind, call := range map[string]struct {
			method string
			opts   []b24.CallOption
			want   end
		}{
			"read":    {reads, nil, of.read},
			"write":   {writes, nil, of.write},
			"vouched": {writes, []b24.CallOption{b24.WithIdempotent()}, of.vouched},
			"once":    {writes, []b24.CallOption{b24.WithoutRetry(), b24.WithIdempotent()}, of.once},
		} {
			a := try(t, call.method, []b24test.Fault{row.fault}, b24.RetryPolicy{}, call.opts...)

			name := row.name + ", " + kind
			assert.Equal(t, call.want.sent, a.sent, name)
			executed := row.runs + call.want.sent - 1 // the second attempt meets no fault
			assert.Equal(t, executed, a.executed, name)
			assert.Equal(t, call.want.success, a.err == nil, "%s: %v", name, a.err)
			if a.err != nil {
				assert.Equal(t, call.want.outcome, b24.OutcomeOf(a.err), name)
			}
		}
	}
}
