package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
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

// softCodes are those a portal answers with status 400 to a call that was wrong in itself: docs/protocol.md 8.
func softCodes() []b24.Code {
	return []b24.Code{
		"ERROR_CORE", "ERROR_ARGUMENT", "INVALID_ARG_VALUE", "NOT_FOUND", "ERROR_NOT_FOUND", "ERROR_ENTITY_NOT_FOUND",
		"INVALID_REQUEST", "WRONG_AUTH_TYPE", "ERROR_BATCH_LENGTH_EXCEEDED", "invalid_client",
	}
}

func TestSoftCodesArePinned(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []b24.Code{
		b24.ErrCore, b24.ErrArgument, b24.ErrInvalidArgValue, b24.ErrNotFound, "ERROR_NOT_FOUND", "ERROR_ENTITY_NOT_FOUND",
		b24.ErrInvalidRequest, b24.ErrWrongAuthType, b24.ErrBatchLengthExceeded, "invalid_client",
	}, softCodes())
}

func TestSoftCodesAreErrorsAfterOneRequest(t *testing.T) {
	t.Parallel()
	for _, code := range softCodes() {
		p, h := newPortal(t)
		p.Fault("crm.deal.get", b24test.Refuse(&b24.Error{Code: code, Description: "as the portal says", Status: http.StatusBadRequest}))
		answers(p, "crm.deal.get", true) // what a second attempt would get

		r, err := h.CallMethod(t.Context(), "crm.deal.get", nil)

		assert.Nil(t, r, "%s", string(code))
		e := requireError(t, err)
		assert.Equal(t, b24.Error{
			Code: code, Description: "as the portal says", Status: http.StatusBadRequest,
			Method: "crm.deal.get", RequestID: p.Requests()[0].RequestID, Attempts: 1,
		}, *e)
		assert.Equal(t, code == b24.ErrCore, b24.MayHaveExecuted(err), "%s", string(code))
		assert.Equal(t, 1, p.Calls("crm.deal.get"), "%s", string(code))
		assert.Equal(t, int64(1), h.Stats().Failed, "%s", string(code))
		assert.Equal(t, int64(1), h.Stats().Attempts, "%s", string(code))
	}
}

func TestAnswersThatAreErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   b24.Error
	}{
		"unlisted code": {
			400, `{"error":"MY_OWN_CODE","error_description":"Mine"}`,
			b24.Error{Code: "MY_OWN_CODE", Description: "Mine"},
		},
		"empty code": {
			400, `{"error":"","error_description":"Not found."}`,
			b24.Error{Description: "Not found."},
		},
		"no description":      {401, `{"error":"wrong_client"}`, b24.Error{Code: "wrong_client"}},
		"number 0":            {400, `{"error":0,"error_description":"Operation failed"}`, b24.Error{Code: "0", Description: "Operation failed"}},
		"number 403":          {400, `{"error":403,"error_description":"Access denied"}`, b24.Error{Code: "403", Description: "Access denied"}},
		"number of 12 digits": {400, `{"error":200040300010,"error_description":"No"}`, b24.Error{Code: "200040300010", Description: "No"}},
		"digits":              {400, `{"error":"1048582","error_description":"Not allowed"}`, b24.Error{Code: "1048582", Description: "Not allowed"}},
		"argument": {
			400, `{"error":"ERROR_ARGUMENT","error_description":"Argument 'ENTITY' is null or empty","argument":"ENTITY"}`,
			b24.Error{Code: "ERROR_ARGUMENT", Description: "Argument 'ENTITY' is null or empty", Argument: "ENTITY"},
		},
		"REST 3.0": {
			400, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_VALIDATION_DTOVALIDATIONEXCEPTION","message":"Wrong","validation":[` +
				`{"field":"title","message":"Required"},{"message":"Somewhere"},{"field":"id"}]}}`,
			b24.Error{
				Code: "BITRIX_REST_V3_EXCEPTION_VALIDATION_DTOVALIDATIONEXCEPTION", Description: "Wrong",
				Validation: []b24.FieldError{{Field: "title", Message: "Required"}, {Message: "Somewhere"}, {Field: "id"}},
			},
		},
		"REST 3.0 with a number": {400, `{"error":{"code":17,"message":"Wrong"}}`, b24.Error{Code: "17", Description: "Wrong"}},
		"REST 3.0 with 200":      {200, `{"error":{"code":"NOTE_EMPTY_UPDATE","message":"m"}}`, b24.Error{Code: "NOTE_EMPTY_UPDATE", Description: "m"}},
		"unlisted REST 3.0":      {422, `{"error":{"code":"MY_V3_CODE","message":"m"}}`, b24.Error{Code: "MY_V3_CODE", Description: "m"}},
		"flat with 404":          {404, `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"m"}`, b24.Error{Code: "ERROR_METHOD_NOT_FOUND", Description: "m"}},
		"forbidden":              {403, `{"error":"AUTHORIZE_ERROR","error_description":"m"}`, b24.Error{Code: "AUTHORIZE_ERROR", Description: "m"}},
		"forbidden to a webhook": {403, `{"error":"WRONG_AUTH_TYPE","error_description":"m"}`, b24.Error{Code: "WRONG_AUTH_TYPE", Description: "m"}},
	} {
		p, h := newPortal(t)
		body(p, "crm.deal.update", test.status, test.body)

		r, err := h.CallMethod(t.Context(), "crm.deal.update", nil)

		assert.Nil(t, r, name)
		e := requireError(t, err)
		test.want.Status, test.want.Method, test.want.Attempts = test.status, "crm.deal.update", 1
		test.want.RequestID = p.Requests()[0].RequestID
		assert.Equal(t, test.want, *e, name)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), name)
		assert.ErrorIs(t, err, test.want.Code, name)
		assert.Equal(t, 1, p.Calls("crm.deal.update"), name)
	}
}

func TestEveryVersionsErrorsAreReadByShape(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/rest/1/", "/rest/api/1/"} {
		p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
		p.Fault("*",
			b24test.Refuse(&b24.Error{Code: "FLAT", Description: "d"}), b24test.RefuseV3(&b24.Error{Code: "FLAT", Description: "d"}))
		h, err := b24.FromWebhookURL("http://localhost"+prefix+marker, b24.WithHTTPClient(p.HTTPClient()))
		require.NoError(t, err)
		for range 2 {
			_, err := h.CallMethod(t.Context(), "tasks.task.get", nil)

			assert.Equal(t, b24.Code("FLAT"), requireError(t, err).Code)
		}
	}
}

func TestTaskOfNoID(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Fault("tasks.task.get",
		b24test.Status(400, `{"error":"1048582","error_description":"Action on the task is not allowed"}`),
		b24test.Status(200, `{"result":[],"time":{"start":1.5}}`))

	_, err := h.CallMethod(t.Context(), "tasks.task.get", b24.Params{"taskId": 404})
	assert.Equal(t, b24.Code("1048582"), requireError(t, err).Code)

	r, err := h.CallMethod(t.Context(), "tasks.task.get", b24.Params{"taskId": "x"})
	require.NoError(t, err)
	assert.Equal(t, "[]", string(r.Raw()))
}

func TestCodesMatch(t *testing.T) {
	t.Parallel()
	for want, codes := range map[b24.Code][]b24.Code{
		b24.ErrExpiredToken:       {"expired_token", "EXPIRED_TOKEN", "Expired_Token"},
		b24.ErrQueryLimitExceeded: {"QUERY_LIMIT_EXCEEDED", "query_limit_exceeded"},
		"my_Code":                 {"MY_CODE", "my_code"},
		b24.ErrOperationTimeLimit: {"OPERATION_TIME_LIMIT", "operation_time_limit", "BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION"},
		b24.ErrWrongLicense:       {"WRONG_LICENSE", "BITRIX_REST_V3_EXCEPTION_LICENSEEXCEPTION"},
		b24.ErrInsufficientScope:  {"insufficient_scope", "INSUFFICIENT_SCOPE", "BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION"},
		b24.ErrAccessDenied:       {"ACCESS_DENIED", "access_denied", "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION"},
		b24.ErrMethodNotFound: {
			"ERROR_METHOD_NOT_FOUND", "error_method_not_found", "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION",
			"BITRIX_REST_V3_EXCEPTIONS_METHODNOTFOUNDEXCEPTION", "BITRIX_REST_V3_EXCEPTION_RELATIONMETHODNOTFOUNDEXCEPTION",
			"bitrix_rest_v3_exception_methodnotfoundexception",
		},
		b24.ErrNotFound: {
			"NOT_FOUND", "not_found", "ERROR_NOT_FOUND", "ERROR_ENTITY_NOT_FOUND", "Error_Entity_Not_Found", "ENTITY_NOT_FOUND",
			"BITRIX_REST_V3_EXCEPTION_ENTITYNOTFOUNDEXCEPTION", "BITRIX_REST_V3_EXCEPTIONS_ENTITYNOTFOUNDEXCEPTION",
			"BITRIX_MAIL_V3_EXCEPTION_ENTITYNOTFOUNDEXCEPTION",
		},
		b24.ErrValidation: {
			"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION", "BITRIX_REST_V3_EXCEPTION_VALIDATION_DTOVALIDATIONEXCEPTION",
			"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", "BITRIX_REST_V3_EXCEPTION_VALIDATION_INVALIDFILEEXCEPTION",
			"BITRIX_REST_V3_EXCEPTIONS_VALIDATION_REQUESTVALIDATIONEXCEPTION",
		},
	} {
		for _, code := range codes {
			assert.ErrorIs(t, &b24.Error{Code: code}, want)
			assert.ErrorIs(t, fmt.Errorf("sync: %w", &b24.Error{Code: code}), want)
			assert.ErrorIs(t, code, want)
		}
	}
}

func TestCodesDoNotMatch(t *testing.T) {
	t.Parallel()
	for target, codes := range map[b24.Code][]b24.Code{
		b24.ErrNotFound: {
			"", "OWNER_NOT_FOUND", "APPLICATION_NOT_FOUND", "ERROR_METHOD_NOT_FOUND", "BOT_NOT_FOUND", "ERROR_SENDER_NOT_FOUND", "REG_ID_NOT_FOUND",
			"ERROR_PAY_SYSTEM_NOT_FOUND", "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION", "BITRIX_REST_V3_EXCEPTION_ENTITYALREADYEXISTSEXCEPTION",
			"404", "0", "VAT rate not found.", "NOT_FOUND_X", "XNOT_FOUND",
		},
		b24.ErrMethodNotFound: {
			"", "NOT_FOUND", "ERROR_BATCH_METHOD_NOT_ALLOWED", "METHOD_CONFIRM_DENIED", "BITRIX_REST_V3_EXCEPTION_ENTITYNOTFOUNDEXCEPTION",
		},
		b24.ErrAccessDenied:       {"", "DOCGEN_ACCESS_ERROR", "ACCESS_ERROR", "METHOD_CONFIRM_DENIED", "403"},
		b24.ErrQueryLimitExceeded: {"", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT", "BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION"},
		b24.ErrValidation:         {"", "ERROR_ACTIVITY_VALIDATION_FAILURE", "VALIDATION_ID_NOT_PROVIDED", "BITRIX_REST_V3_EXCEPTION_INVALIDFILTEREXCEPTION"},
		"":                        {"NOT_FOUND", "0"},
		"ERROR_NOT_FOUND":         {"OWNER_NOT_FOUND"},
	} {
		for _, code := range codes {
			assert.NotErrorIs(t, &b24.Error{Code: code, Description: "Something was not found"}, target, "%s as %s", string(code), string(target))
		}
	}
	assert.NotErrorIs(t, &b24.Error{Code: "NOT_FOUND"}, context.Canceled)
	assert.NotErrorIs(t, &b24.TransportError{Err: context.Canceled}, b24.ErrNotFound)
}

func TestNotFoundWithoutACode(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]bool{
		"Not found": true, "Not found.": true, "not found": true, "Not found. ": true,
		"": false, "Wrong comment ID": false, "Owner was not found": false, "Not found in the list of users": false,
	} {
		assert.Equal(t, want, errors.Is(&b24.Error{Description: description}, b24.ErrNotFound), description)
		assert.NotErrorIs(t, &b24.Error{Code: "0", Description: description}, b24.ErrNotFound, description)
		assert.NotErrorIs(t, &b24.Error{Description: description}, b24.ErrMethodNotFound, description)
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]b24test.Fault{
		"b24: crm.deal.add: portal answered MY_CODE: Wrong (status 400, request id-1)":                     b24test.Status(400, `{"error":"MY_CODE","error_description":"Wrong"}`),
		"b24: crm.deal.add: portal answered an error without a code: Not found (status 400, request id-1)": b24test.Status(400, `{"error":"","error_description":"Not found"}`),
		"b24: crm.deal.add: portal answered MY_CODE (status 400, request id-1)":                            b24test.Status(400, `{"error":"MY_CODE"}`),
		"b24: crm.deal.add: portal answered MY_CODE: m; id: Required; Other (status 400, request id-1)": b24test.Status(400,
			`{"error":{"code":"MY_CODE","message":"m","validation":[{"field":"id","message":"Required"},{"message":"Other"}]}}`),
		"b24: crm.deal.add: portal answered INTERNAL_SERVER_ERROR: d (status 500, request id-1); the portal may have executed the call": b24test.Status(500,
			`{"error":"INTERNAL_SERVER_ERROR","error_description":"d"}`),
		"b24: crm.deal.add: portal answered QUERY_LIMIT_EXCEEDED: d (status 503, request id-1); refused before it ran, repeat it later": b24test.Status(503,
			`{"error":"QUERY_LIMIT_EXCEEDED","error_description":"d"}`),
		`b24: crm.deal.add: answer: not a REST API answer: the JSON ends too early (status 200, application/json; charset=utf-8): "{\"result\":"; ` +
			`the portal may have executed the call`: b24test.Status(200, `{"result":`),
		"b24: crm.deal.add: redirect: the portal redirects to https://new.bitrix24.com; if that is its new address, create the client with it (status 302, text/html; charset=utf-8); " +
			"the call was not executed": b24test.Redirect(302, "https://new.bitrix24.com/rest/"),
	} {
		p, h := newPortal(t)
		p.Fault("crm.deal.add", fault)

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithRequestID("id-1"), b24.WithoutRetry())

		assert.EqualError(t, err, want)
	}
}

func TestErrorTextsAreOneLine(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"code":        `{"error":"A\nB\r\u2028C","error_description":"d"}`,
		"description": `{"error":"A","error_description":"d\ne<br>\r\n\tf\u2028g\u0085"}`,
		"v3":          `{"error":{"code":"A","message":"d\ne"}}`,
		"row":         `{"error":{"code":"A","message":"d","validation":[{"field":"i\nd","message":"x\r\ny\u2028"}]}}`,
		"cut":         "{\"error\":\"A\n",
		"page":        "<html>\n<body>\r\n",
	} {
		p, h := newPortal(t)
		p.Fault("crm.deal.add", b24test.Status(400, text))

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

		if assert.Error(t, err, name) {
			assert.False(t, strings.ContainsAny(err.Error(), "\n\r\u2028\u0085"), "%s: %q", name, err.Error())
		}
	}
}

func TestParamsErrorTexts(t *testing.T) {
	t.Parallel()
	for want, method := range map[string]string{
		"b24: invalid parameters: method: it is empty; nothing was sent":                                                                         "",
		"b24: invalid parameters: method: a method's name has letters, digits, dots and underscores only, like crm.deal.list; nothing was sent":  "a b",
		"b24: crm.deal.add: invalid parameters: token: is a reserved name, the portal takes it away before the method sees it; nothing was sent": "crm.deal.add",
	} {
		p, h := newPortal(t)

		_, err := h.CallMethod(t.Context(), method, b24.Params{"token": marker})

		assert.EqualError(t, err, want)
		assert.Empty(t, p.Requests())
	}
}

// An error inside of another one says neither the package nor what it is about a second time.
func TestErrorTextsInsideOthers(t *testing.T) {
	t.Parallel()
	const m = "crm.deal.add"
	for want, err := range map[string]error{
		"portal answered NOT_FOUND: no (status 400, request r)":   &b24.Error{Code: "NOT_FOUND", Description: "no", Status: 400, Method: m, RequestID: "r"},
		"context canceled; the portal may have executed the call": &b24.TransportError{Method: m, Err: context.Canceled},
		"invalid parameters: a.b: bad; nothing was sent":          &b24.ParamsError{Method: m, Param: "a.b", Problem: "bad"},
	} {
		assert.EqualError(t, err, "b24: "+m+": "+want)
		command := b24.CommandError{Index: 3, Name: "a", Method: m, Err: err}
		assert.EqualError(t, command, `b24: command #3 "a": `+m+": "+want)
		assert.EqualError(t, &b24.BatchError{Failed: []b24.CommandError{command}, NotExecuted: []int{4}},
			`b24: batch: 1 of 2 commands failed, 1 were not executed; first command #3 "a": `+m+": "+want)
		assert.EqualError(t, &b24.ListError{Method: m, Rows: 7, Err: err}, "b24: "+m+": list ended after 7 rows: "+want)
		assert.EqualError(t, &b24.ListError{Method: "crm.deal.list", Err: err}, "b24: crm.deal.list: list ended after 0 rows: "+m+": "+want)
	}
	for want, err := range map[string]error{
		"the client is closed":              b24.ErrClosed,
		"a reference finds no value":        b24.ErrReference,
		"portal error NOT_FOUND":            b24.ErrNotFound,
		"batch: 0 of 0 commands failed":     &b24.BatchError{},
		`command #1: no answer of anything`: b24.CommandError{Index: 1, Err: errors.New("no\n answer  of anything")},
		"command #0":                        b24.CommandError{},
	} {
		assert.EqualError(t, err, "b24: "+want)
		assert.EqualError(t, b24.CommandError{Err: err}, "b24: command #0: "+want)
		assert.EqualError(t, &b24.ListError{Method: m, Err: err}, "b24: "+m+": list ended after 0 rows: "+want)
	}
}

// TestNoErrorHasTheSecret lets the portal, a proxy and the network throw the secret back in every place there is.
func TestNoErrorHasTheSecret(t *testing.T) {
	t.Parallel()
	const address = "https://your-domain.bitrix24.com/rest/1/" + marker + "/crm.deal.add"
	sent, err := json.Marshal(address + "?auth=" + marker)
	require.NoError(t, err)
	for name, fault := range map[string]b24test.Fault{
		"code":          b24test.Status(400, `{"error":`+string(sent)+`}`),
		"description":   b24test.Status(400, `{"error":"A","error_description":`+string(sent)+`}`),
		"argument":      b24test.Status(400, `{"error":"A","argument":`+string(sent)+`}`),
		"v3":            b24test.Status(400, `{"error":{"code":"A","message":`+string(sent)+`}}`),
		"row's field":   b24test.Status(400, `{"error":{"code":"A","validation":[{"field":`+string(sent)+`}]}}`),
		"row's message": b24test.Status(400, `{"error":{"code":"A","validation":[{"message":`+string(sent)+`}]}}`),
		"long":          b24test.Status(400, `{"error":"A","error_description":"`+address+strings.Repeat(" and so on", 1000)+`"}`),
		"page":          b24test.Status(502, "<a href="+address+">"),
		"cut":           b24test.Status(200, `{"result":`+string(sent)),
		"content type":  b24test.Status(200, `no answer`).Header("Content-Type", "text/html; x="+address),
		"location":      b24test.Redirect(302, "https://"+marker+".bitrix24.com/rest/1/"+marker+"/"),
		"location path": b24test.Redirect(302, "/rest/1/"+marker+"/"),
		"reset":         b24test.ResetAfter(),
		"cut body":      b24test.CutBody(3).Header("Content-Type", "text/html; x="+address),
	} {
		p, h := newPortal(t)
		answers(p, "crm.deal.add", 17)
		p.Fault("crm.deal.add", fault)

		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

		assertCleanError(t, err, name)
	}
}

func TestNoReasonToStopHasTheSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault("crm.deal.add", b24test.QueryLimitExceeded().RetryAfter(time.Minute))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("asked by " + p.WebhookURL())) })

		_, err := h.CallMethod(ctx, "crm.deal.add", nil)

		require.ErrorIs(t, err, context.Canceled)
		assertCleanError(t, err, "cause")
	})
}

func TestNoNetworkErrorHasTheSecret(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"text":    errors.New("dial https://your-domain.bitrix24.com/rest/1/" + marker + "/crm.deal.add: no"),
		"wrapped": fmt.Errorf("proxy: %w", &url.Error{Op: "Post", URL: "https://your-domain.bitrix24.com/rest/1/" + marker, Err: errors.New("no")}),
		"address": &net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "bad", Addr: marker}},
	} {
		transport := &transportFunc{answer: func(*http.Request) (*http.Response, error) { return nil, err }}
		h, hookErr := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, hookErr)

		_, got := h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

		assertCleanError(t, got, name)
		assertOutcome(t, b24.OutcomeUnknown, got, name) // a RoundTripper of somebody's proves nothing
		for _, failure := range h.Stats().LastErrors {
			assertCleanError(t, failure.Err, name)
		}
	}
}

func TestNetworkErrorOfSeveralLinesBecomesOne(t *testing.T) {
	t.Parallel()
	lines := errors.Join(errors.New("first"), fmt.Errorf("%w: %s", context.DeadlineExceeded, marker))
	transport := &transportFunc{answer: func(*http.Request) (*http.Response, error) { return nil, lines }}
	h, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)

	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil, b24.WithoutRetry())

	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotContains(t, err.Error(), "\n")
	assert.NotContains(t, err.Error(), marker)
}

func requireError(t *testing.T, err error) *b24.Error {
	t.Helper()
	var e *b24.Error
	require.ErrorAs(t, err, &e)
	return e
}

// assertNoURLError: a *url.Error in the chain would print the address.
func assertNoURLError(t *testing.T, err error) {
	t.Helper()
	var ue *url.Error
	assert.NotErrorAs(t, err, &ue)
	assert.NotContains(t, err.Error(), marker)
}

// assertCleanError wants one line that begins with the package, and the secret nowhere: not in err and not in what it unwraps to.
func assertCleanError(t *testing.T, err error, at string) {
	t.Helper()
	if !assert.Error(t, err, at) {
		return
	}
	assert.True(t, strings.HasPrefix(err.Error(), "b24: crm.deal.add: "), "%s: %s", at, err.Error())
	assert.NotContains(t, err.Error(), "\n", at)
	assert.NotContains(t, err.Error(), "failed to", at)
	for todo := []error{err}; len(todo) > 0; todo = todo[1:] {
		for _, text := range printed(t, todo[0]) {
			assert.NotContains(t, strings.ToLower(text), marker, at)
			assert.NotContains(t, text, fmt.Sprintf("%x", marker), at)
		}
		switch e := todo[0].(type) { //nolint:errorlint // the chain is walked here
		case interface{ Unwrap() error }:
			if inner := e.Unwrap(); inner != nil {
				todo = append(todo, inner)
			}
		case interface{ Unwrap() []error }:
			todo = append(todo, e.Unwrap()...)
		}
	}
}

// A portal that says too much, or what a terminal would obey.
func TestWhatPortalsSayIsBounded(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Fault("profile", b24test.Status(400, `{"error":"X","error_description":"`+strings.Repeat("word ", 200_000)+`"}`))
	_, err := h.CallMethod(t.Context(), "profile", nil)
	assert.Less(t, len(err.Error()), 5000)
	assert.Contains(t, err.Error(), "word word")

	p.Fault("profile", b24test.Status(400, `{"error":"X","error_description":"\u001b[2J\u001b[31mfake\u0000\b"}`))
	_, err = h.CallMethod(t.Context(), "profile", nil)
	assert.NotContains(t, err.Error(), "\x1b")
	assert.NotContains(t, err.Error(), "\x00")
	assert.Contains(t, err.Error(), "[31mfake")
}

// An answer that has a result and an error is neither: who looks for the record finds it, or does not.
func TestAnswerWithResultAndErrorIsUnknown(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Fault(writes, b24test.Status(400, `{"result":77,"error":"ACCESS_DENIED","error_description":"no"}`))
	_, err := h.CallMethod(t.Context(), writes, nil)
	e := requireError(t, err)
	require.ErrorIs(t, e, b24.ErrAccessDenied)
	assert.True(t, b24.MayHaveExecuted(err))
	assert.Equal(t, 1, p.Calls(writes))

	p.Fault("batch", b24test.Status(200, `{"result":{"result":{"a":77},"result_error":{"a":{"error":"ACCESS_DENIED","error_description":"no"}},`+
		`"result_total":[],"result_next":[],"result_time":[]}}`))
	r, err := h.CallBatch(t.Context(), b24.Commands{{Name: "a", Method: writes}})
	require.Error(t, err)
	assert.True(t, b24.MayHaveExecuted(err))
	require.ErrorIs(t, r.At(0).Err(), b24.ErrAccessDenied)
	assert.True(t, b24.MayHaveExecuted(r.At(0).Err()))
}

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
		"redirect":                {b24test.Redirect(302, elsewhere()), b24.OutcomeRefused, 302},
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
