package b24_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestOutcomeOfPortalErrors(t *testing.T) {
	t.Parallel()
	const v3 = "BITRIX_REST_V3_EXCEPTION_"
	// docs/protocol.md 8: "never", "wait" and "auth" were refused, "idem" is not known
	for _, test := range []struct {
		want   b24.Outcome
		status []int
		codes  []b24.Code
	}{
		{b24.OutcomeRefused, []int{503, 200, 429}, []b24.Code{"QUERY_LIMIT_EXCEEDED", "query_limit_exceeded"}},
		{b24.OutcomeRefused, []int{429, 200, 503}, []b24.Code{"OPERATION_TIME_LIMIT", v3 + "RATELIMITEXCEPTION"}},
		{b24.OutcomeRefused, []int{503, 401}, []b24.Code{"OVERLOAD_LIMIT"}},
		{b24.OutcomeUnknown, []int{500, 502, 503, 504}, []b24.Code{
			"INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "", "0", "MY_OWN_CODE", "NOT_FOUND",
			v3 + "INTERNAL_INTERNALEXCEPTION", v3 + "INTERNAL_ORMSAVEEXCEPTION",
		}},
		{b24.OutcomeUnknown, []int{200, 400, 500}, []b24.Code{"WRONG_ENCODING", "wrong_encoding"}}, // it ran, its result could not be told
		{b24.OutcomeUnknown, []int{200, 400, 500}, []b24.Code{"ERROR_CORE", "error_core"}},         // an exception in a handler, after the row was stored
		{b24.OutcomeRefused, []int{400}, []b24.Code{
			"ERROR_ARGUMENT", "INVALID_ARG_VALUE", "NOT_FOUND", "", "ERROR_ENTITY_NOT_FOUND", "invalid_client", "WRONG_AUTH_TYPE",
			"INVALID_REQUEST", "ERROR_BATCH_LENGTH_EXCEEDED", "invalid_request", "invalid_grant", "bad_verification_code", "0", "MY_OWN_CODE",
			v3 + "ACCESSDENIEDEXCEPTION", v3 + "INVALIDJSONEXCEPTION", v3 + "VALIDATION_REQUESTVALIDATIONEXCEPTION",
			v3 + "VALIDATION_DTOVALIDATIONEXCEPTION", v3 + "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", v3 + "VALIDATION_INVALIDFILEEXCEPTION",
			v3 + "INVALIDFILTEREXCEPTION", v3 + "UNKNOWNFILTEROPERATOREXCEPTION", v3 + "INVALIDSELECTEXCEPTION", v3 + "INVALIDORDEREXCEPTION",
			v3 + "INVALIDPAGINATIONEXCEPTION", v3 + "UNKNOWNDTOPROPERTYEXCEPTION", v3 + "UNKNOWNAGGREGATEFUNCTIONEXCEPTION",
			v3 + "ENTITYNOTFOUNDEXCEPTION", v3 + "ENTITYALREADYEXISTSEXCEPTION", v3 + "LOGICEXCEPTION", v3 + "INVALIDIDEMPOTENCYKEYEXCEPTION",
		}},
		{b24.OutcomeRefused, []int{401, 403}, []b24.Code{
			"NO_AUTH_FOUND", "INVALID_CREDENTIALS", "expired_token", "invalid_token", "authorization_error", "APPLICATION_NOT_FOUND", "CONNECTION_ERROR",
			"insufficient_scope", "user_access_error", "ACCESS_DENIED", "WRONG_AUTH_TYPE", "WRONG_LICENSE", "allowed_only_intranet_user",
			"METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED", "PAYMENT_REQUIRED", "NOT_INSTALLED", "ERROR_OAUTH", "invalid_scope", "AUTHORIZE_ERROR",
			v3 + "ACCESSDENIEDEXCEPTION", v3 + "INSUFFICIENTSCOPEEXCEPTION", v3 + "LICENSEEXCEPTION",
		}},
		{b24.OutcomeRefused, []int{503}, []b24.Code{"INVALID_CREDENTIALS", "insufficient_scope", "user_access_error"}}, // docs/protocol.md 14.2
		{b24.OutcomeRefused, []int{500, 403, 410}, []b24.Code{"PORTAL_DELETED"}},
		{b24.OutcomeRefused, []int{404}, []b24.Code{
			"ERROR_METHOD_NOT_FOUND", "NOT_FOUND", "ERROR_MANIFEST_IS_NOT_AVAILABLE",
			v3 + "METHODNOTFOUNDEXCEPTION", v3 + "RELATIONMETHODNOTFOUNDEXCEPTION",
		}},
		{b24.OutcomeRefused, []int{200}, []b24.Code{"wrong_client", "ACCESS_DENIED", "MY_OWN_CODE"}},
		{b24.OutcomeRefused, []int{405}, []b24.Code{"ERROR_BATCH_METHOD_NOT_ALLOWED"}},
		{b24.OutcomeRefused, []int{422}, []b24.Code{v3 + "IDEMPOTENCYKEYREUSEDEXCEPTION"}},
	} {
		for _, status := range test.status {
			for _, code := range test.codes {
				p, h := newPortal(t)
				p.Fault("crm.deal.add", b24test.Status(status, fmt.Sprintf(`{"error":%q,"error_description":"d"}`, string(code))))

				_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

				at := fmt.Sprintf("%s with %d", string(code), status)
				assert.Equal(t, status, requireError(t, err).Status, at)
				assertOutcome(t, test.want, err, at)
				assert.Equal(t, 1, p.Calls("crm.deal.add"), at) // a write is sent once
			}
		}
	}
}

func TestOutcomeOfLostAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  b24test.Fault
		want   b24.Outcome
		status int
	}{
		"redirect":                {b24test.Redirect(302, "https://new.bitrix24.com/"), b24.OutcomeRefused, 302},
		"reset before":            {b24test.ResetBefore(), b24.OutcomeUnknown, 0}, // nobody can tell it from the next one
		"reset after":             {b24test.ResetAfter(), b24.OutcomeUnknown, 0},
		"cut":                     {b24test.CutBody(9), b24.OutcomeUnknown, 200},
		"cut at the first byte":   {b24test.CutBody(0), b24.OutcomeUnknown, 200},
		"gateway":                 {b24test.HTML(502), b24.OutcomeUnknown, 502},
		"gateway's timeout":       {b24test.HTML(504), b24.OutcomeUnknown, 504},
		"busy, by a proxy":        {b24test.HTML(503), b24.OutcomeUnknown, 503},
		"forbidden, by a proxy":   {b24test.HTML(403), b24.OutcomeUnknown, 403},
		"html with 200":           {b24test.HTML(200), b24.OutcomeUnknown, 200},
		"PHP died":                {b24test.Empty(500), b24.OutcomeUnknown, 500},
		"empty":                   {b24test.Empty(200), b24.OutcomeUnknown, 200},
		"garbage":                 {b24test.Garbage(), b24.OutcomeUnknown, 200},
		"500 without a code":      {b24test.Status(500, `{"message":"x"}`), b24.OutcomeUnknown, 500},
		"cut, but as it was sent": {b24test.Status(200, `{"result":{"ID":`), b24.OutcomeUnknown, 200},
	} {
		p, h := newPortal(t)
		answers(p, "crm.deal.add", 17)
		p.Fault("crm.deal.add", test.fault)

		r, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

		assert.Nil(t, r, name)
		var te *b24.TransportError
		require.ErrorAs(t, err, &te, name)
		assert.Equal(t, test.status, te.Status, name)
		assert.Equal(t, "crm.deal.add", te.Method, name)
		assert.Equal(t, 1, te.Attempts, name)
		assert.Equal(t, p.Requests()[0].RequestID, te.RequestID, name)
		assertOutcome(t, test.want, err, name)
		assert.Equal(t, 1, p.Calls("crm.deal.add"), name)
	}
}

func TestResetIsFoundInTheChain(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "crm.deal.add", 17)
	p.Fault("crm.deal.add", b24test.ResetAfter())

	_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.Equal(t, "read", op.Op)
	assert.ErrorIs(t, err, syscall.ECONNRESET)
	assertNoURLError(t, err)
	assert.Equal(t, 1, p.Executed("crm.deal.add"))
	assertOutcome(t, b24.OutcomeUnknown, err, "reset")
}

func TestDialErrorIsNotSent(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close()) // nobody listens there now
	h, err := b24.FromWebhookURL("http://" + l.Addr().String() + "/rest/1/" + marker)
	require.NoError(t, err)

	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

	var op *net.OpError
	require.ErrorAs(t, err, &op)
	assert.Equal(t, "dial", op.Op)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	assertNoURLError(t, err)
	assertOutcome(t, b24.OutcomeNotSent, err, "dial")
	assert.True(t, strings.HasPrefix(err.Error(), "b24: crm.deal.add: connect: dial tcp "), err.Error())
}

func TestUnknownHostIsNotSent(t *testing.T) {
	t.Parallel()
	missing := &net.DNSError{Err: "no such host", Name: "your-domain.bitrix24.com", IsNotFound: true}
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: missing}
	}}}
	h, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(client))
	require.NoError(t, err)

	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

	var dns *net.DNSError
	require.ErrorAs(t, err, &dns)
	assert.True(t, dns.IsNotFound)
	assertNoURLError(t, err)
	assertOutcome(t, b24.OutcomeNotSent, err, "dns")
}

func TestContextOverBeforeTheCall(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancel)
	why := errors.New("shutting down")
	caused, cancelCause := context.WithCancelCause(t.Context())
	cancelCause(why)
	for _, test := range []struct {
		ctx  context.Context
		want []error
	}{
		{cancelled, []error{context.Canceled}},
		{late, []error{context.DeadlineExceeded}},
		{caused, []error{context.Canceled, why}},
	} {
		p, h := newPortal(t)

		_, err := h.CallMethod(test.ctx, "crm.deal.add", nil)

		for _, want := range test.want {
			assert.ErrorIs(t, err, want)
		}
		var te *b24.TransportError
		require.ErrorAs(t, err, &te)
		assert.Zero(t, te.Attempts)
		assertOutcome(t, b24.OutcomeNotSent, err, "context")
		assert.Empty(t, p.Requests())
	}
}

func TestContextOverDuringTheCall(t *testing.T) {
	t.Parallel()
	why := errors.New("shutting down")
	for _, test := range []struct {
		cause error
		want  []error
	}{
		{nil, []error{context.Canceled}},
		{why, []error{context.Canceled, why}},
	} {
		p, h := newPortal(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		p.Handle("crm.deal.add", func(r b24test.Request) (any, error) {
			cancel(test.cause)
			<-r.Context().Done()
			return 17, nil
		})

		_, err := h.CallMethod(ctx, "crm.deal.add", nil)

		for _, want := range test.want {
			assert.ErrorIs(t, err, want)
		}
		assertNoURLError(t, err)
		assertOutcome(t, b24.OutcomeUnknown, err, "context")
		assert.Equal(t, 1, p.Calls("crm.deal.add"))
	}
}

// The cause of a context may be the failure of another call, as with errgroup: what became of that one says nothing about this one.
func TestContextEndedByAnotherCallsError(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{
		"closed": b24.ErrClosed, "params": &b24.ParamsError{Method: "crm.contact.add"}, "refused": &b24.Error{Status: http.StatusBadRequest},
		"batch": &b24.BatchError{NotExecuted: []int{0}}, "not executed": b24.ErrNotExecuted,
	} {
		p, h := newPortal(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		p.Handle("crm.deal.add", func(r b24test.Request) (any, error) {
			cancel(cause)
			<-r.Context().Done()
			return 17, nil
		})

		_, err := h.CallMethod(ctx, "crm.deal.add", nil)

		require.ErrorIs(t, err, cause, name)
		assertOutcome(t, b24.OutcomeUnknown, err, name)
	}
}

func TestTimeoutIsUnknown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"before it ran": b24test.Delay(time.Hour),
		"after it ran":  b24test.DelayAnswer(time.Hour),
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithTimeout(time.Second))
			answers(p, "crm.deal.add", 17)
			p.Fault("crm.deal.add", fault)

			_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			assert.NoError(t, t.Context().Err(), name)
			assertNoURLError(t, err)
			assertOutcome(t, b24.OutcomeUnknown, err, name)
			assert.Equal(t, 1, p.Calls("crm.deal.add"), name)
		})
	}
}

func TestOutcomeOfOtherErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want b24.Outcome
	}{
		"none":           {nil, b24.OutcomeUnknown},
		"somebody's":     {errors.New("x"), b24.OutcomeUnknown},
		"closed":         {b24.ErrClosed, b24.OutcomeNotSent},
		"params":         {&b24.ParamsError{}, b24.OutcomeNotSent},
		"params wrapped": {fmt.Errorf("sync: %w", &b24.ParamsError{}), b24.OutcomeNotSent},
		"webhook":        {&b24.WebhookURLError{}, b24.OutcomeNotSent},
		"no more pages":  {b24.ErrNoMorePages, b24.OutcomeNotSent},
		"no result":      {b24.ErrNoResult, b24.OutcomeUnknown},
		"lost":           {&b24.TransportError{}, b24.OutcomeUnknown},
		"wrapped":        {fmt.Errorf("sync: %w", &b24.Error{Status: 400}), b24.OutcomeRefused},
		"joined":         {errors.Join(errors.New("x"), &b24.Error{Status: 400}), b24.OutcomeRefused},
		"bare code":      {b24.ErrQueryLimitExceeded, b24.OutcomeUnknown},
		"context":        {context.Canceled, b24.OutcomeUnknown},
	} {
		assertOutcome(t, test.want, test.err, name)
	}
	assert.Equal(t, "unknown, not sent, refused", fmt.Sprintf("%v, %v, %v", b24.OutcomeUnknown, b24.OutcomeNotSent, b24.OutcomeRefused))
}

func TestOutcomeOfParamsThatFailedForAnotherCall(t *testing.T) {
	t.Parallel()
	// a MarshalJSON that asks a portal: what became of its call says nothing about this one, which was not sent
	for _, inner := range []error{&b24.Error{Status: http.StatusInternalServerError}, &b24.TransportError{}} {
		assertOutcome(t, b24.OutcomeNotSent, &b24.ParamsError{Method: "crm.deal.add", Err: inner}, inner.Error())
	}
}

func TestRedirectToWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Fault("crm.deal.add", b24test.Redirect(http.StatusFound, "https://%zz/rest/1/"+marker+"/"))

	_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Empty(t, re.Origin)
	assertOutcome(t, b24.OutcomeRefused, err, "redirect")
	assertCleanError(t, err, "redirect")
}

func assertOutcome(t *testing.T, want b24.Outcome, err error, at string) {
	t.Helper()
	assert.Equal(t, want, b24.OutcomeOf(err), at)
	assert.Equal(t, want == b24.OutcomeUnknown, b24.MayHaveExecuted(err), at)
}

// stalled is a limiter that grants nothing any more after a while.
type stalled struct {
	slot

	from time.Time
}

func (s *stalled) Wait(ctx context.Context) error {
	if time.Now().Before(s.from) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// A command that the repeat of a batch did not come to may have run the first time, also
// where nothing is sent any more.
func TestCommandThatOnlyTheRepeatLeftOut(t *testing.T) {
	t.Parallel()
	for name, within := range map[string]time.Duration{"no time to wait": 5 * time.Second, "closed": 2 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithOperatingLimit(0), b24.WithLimiter(&stalled{from: time.Now().Add(4 * time.Second)}))
			answers(p, reads, 1)
			answers(p, writes, 7)
			p.Fault("batch", b24test.ResetAfter())
			p.Fault(reads, b24test.Pass(), b24test.OperationTimeLimit().Always())
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			time.AfterFunc(time.Hour, func() { _ = h.Close() })

			r, _ := h.CallBatch(ctx, b24.Commands{{Method: reads}, {Method: writes}}, b24.WithIdempotent())

			err := r.At(1).Err()
			assert.Equal(t, 1, p.Executed(writes), name)
			require.ErrorIs(t, err, b24.ErrNoAnswer, name)
			require.NotErrorIs(t, err, b24.ErrNotExecuted, name)
			assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), "%s: %v", name, err)
		})
	}
}

// So may one that the value of its reference keeps out of the next batch.
func TestCommandThatGoesAloneAfterALostBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		answers(p, reads, true)
		answers(p, writes, 7)
		p.Fault("batch", b24test.ResetAfter())
		p.Fault(writes, b24test.Pass(), b24test.OperationTimeLimit(), b24test.Refuse(&b24.Error{Code: "DUPLICATE", Status: 400}))
		var b b24.Batch
		none := b.Add(reads, nil)
		added := b.Add(writes, b24.Params{"flag": none.Ref()}) // a bool, which a batch cannot carry

		_, err := h.CallBatch(t.Context(), &b, b24.WithIdempotent())

		require.ErrorIs(t, err, b24.Code("DUPLICATE"))
		assert.Equal(t, 2, p.Calls("batch"))
		assert.Equal(t, 1, p.Executed(writes))
		_, err = added.Get()
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), err)
	})
}

// A read that goes alone is a call like any other: it is repeated after a lost answer.
func TestAloneReadIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, reads, 1)
		p.Fault(reads, b24test.ResetAfter())
		_, err := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: reads, Params: b24.Params{"x": nil}}})
		require.NoError(t, err)
		assert.Equal(t, 2, p.Executed(reads))
	})
}

// That a command was refused before does not tell what became of it in a batch whose answer
// is lost.
func TestRefusedCommandOfALostBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		answers(p, writes, 7)
		p.Fault("batch", b24test.Pass(), b24test.ResetAfter())
		p.Fault(writes, b24test.OperationTimeLimit())

		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})

		assert.Equal(t, 1, p.Executed(writes))
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), err)
	})
}

// A refusal beside a result is none: the command ran, and is not sent again.
func TestRefusalBesideAResult(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"OPERATION_TIME_LIMIT", "QUERY_LIMIT_EXCEEDED"} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			body(p, "batch", http.StatusOK, `{"result":{"result":[5],"result_error":[{"error":"`+code+`"}]}}`)

			r, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})

			require.ErrorIs(t, err, b24.Code(code))
			assert.Equal(t, 1, p.Calls("batch"))
			assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.At(0).Err()), r.At(0).Err())
		})
	}
}
