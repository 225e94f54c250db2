package b24

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// withBearer is a portal that is let in by a token, at some address.
func withBearer(bearer string) *target {
	var at func(origin string, slash bool) *target
	at = func(origin string, slash bool) *target {
		return &target{
			origin: origin, slash: slash, at: at, base: func() (string, string) { return origin + "/rest/", "" },
			bearer: func() string { return "Bearer " + bearer },
		}
	}
	return at("https://renewed.bitrix24.com", false)
}

// tokenClient calls a portal that takes the token "new" only; fresh is what renewals bring.
func tokenClient(t *testing.T, fresh string) (call func(d dialect, opts ...CallOption) error, seen *[]string) {
	t.Helper()
	seen = &[]string{}
	cfg, err := newConfig([]Option{WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		*seen = append(*seen, r.Header.Get("Authorization")+" "+r.URL.Path)
		status, text := http.StatusOK, `{"result":1}`
		if r.Header.Get("Authorization") != "Bearer new" {
			status, text = http.StatusUnauthorized, `{"error":"expired_token","error_description":"The access token provided has expired."}`
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text))}, nil
	})})})
	require.NoError(t, err)
	c := newClient(withBearer("old"), "app", cfg, redact.New("old"))
	t.Cleanup(c.close)
	c.renew = func(_ context.Context, stale *target) (*target, error) {
		*seen = append(*seen, "renew "+stale.bearer())
		if fresh == "" {
			return nil, errors.New("the OAuth server is down")
		}
		return withBearer(fresh), nil
	}
	return func(d dialect, opts ...CallOption) error {
		_, err := (&caller{c: hide(c), dialect: d}).CallMethod(t.Context(), "crm.deal.add", nil, opts...)
		return err
	}, seen
}

// A key that the portal refuses is renewed once a call, and what it brought is kept for the next.
func TestRefusedKeyIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for path, d := range map[string]dialect{"/rest/crm.deal.add": classic{}, "/rest/api/crm.deal.add": rest3{}} {
		call, seen := tokenClient(t, "new")
		require.NoError(t, call(d))
		require.NoError(t, call(d))
		assert.Equal(t, []string{"Bearer old " + path, "renew Bearer old", "Bearer new " + path, "Bearer new " + path}, *seen)

		call, seen = tokenClient(t, "wrong")
		require.ErrorIs(t, call(d), ErrExpiredToken)
		assert.Equal(t, []string{"Bearer old " + path, "renew Bearer old", "Bearer wrong " + path}, *seen)

		call, seen = tokenClient(t, "")
		err := call(d)
		require.ErrorIs(t, err, ErrExpiredToken, "the refusal is what the caller is told")
		assert.Equal(t, OutcomeRefused, OutcomeOf(err))
		assert.Len(t, *seen, 2)

		call, seen = tokenClient(t, "new")
		require.ErrorIs(t, call(d, WithoutRetry()), ErrExpiredToken)
		assert.Len(t, *seen, 1)
	}
}

// statuses are those in whose order a codeCase says what is expected.
func statuses() [3]int {
	return [...]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusServiceUnavailable}
}

// codeCase is what is expected of codes that are the same for the client.
type codeCase struct {
	is     Code // empty: it has no name
	spelt  []Code
	ran    [3]Outcome
	then   [3]verdict
	before [3]bool // the first command of a batch of REST 3.0
	renew  [3]bool // the key
	limit  limitKind
	hint   string
}

// codeCases are the rows of docs/protocol.md 8 that the client knows, in words of their own.
func codeCases() []codeCase {
	const (
		v3    = Code("BITRIX_REST_V3_EXCEPTION_")
		older = Code("BITRIX_REST_V3_EXCEPTIONS_")
		mail  = Code("BITRIX_MAIL_V3_EXCEPTION_")

		later   = "refused before it ran, repeat it later"
		webhook = "check the webhook, it may be mistyped or deleted"
		name    = "check the name and the API version"
	)
	var (
		refused  = [3]Outcome{OutcomeRefused, OutcomeRefused, OutcomeRefused}
		unknown  = [3]Outcome{OutcomeUnknown, OutcomeUnknown, OutcomeUnknown}
		byStatus = [3]Outcome{OutcomeRefused, OutcomeRefused, OutcomeUnknown}

		waits   = [3]verdict{verdictRefused, verdictRefused, verdictRefused}
		repeats = [3]verdict{verdictFinal, verdictFinal, verdictUnknown}

		always = [3]bool{true, true, true}
		at401  = [3]bool{false, true, false}
	)
	return []codeCase{
		{is: ErrQueryLimitExceeded, spelt: []Code{"QUERY_LIMIT_EXCEEDED"}, ran: refused, then: waits, before: [3]bool{false, false, true}, limit: rateLimit, hint: later},
		{is: ErrOperationTimeLimit, spelt: []Code{"OPERATION_TIME_LIMIT", v3 + "RATELIMITEXCEPTION", older + "RATELIMITEXCEPTION"}, ran: refused, then: waits, limit: timeLimit, hint: later},
		{is: ErrOverloadLimit, spelt: []Code{"OVERLOAD_LIMIT"}, ran: refused, hint: "the portal blocks this application, ask its administrator"},

		{is: ErrNoAuthFound, spelt: []Code{"NO_AUTH_FOUND"}, ran: refused, hint: webhook},
		{is: ErrInvalidCredentials, spelt: []Code{"INVALID_CREDENTIALS"}, ran: refused, hint: webhook},
		{is: ErrExpiredToken, spelt: []Code{"expired_token", "EXPIRED_TOKEN"}, ran: refused, renew: at401},
		{is: ErrInvalidToken, spelt: []Code{"invalid_token"}, ran: refused, renew: at401},
		{is: ErrAuthorization, spelt: []Code{"authorization_error"}, ran: byStatus},
		{is: ErrInsufficientScope, spelt: []Code{"insufficient_scope", v3 + "INSUFFICIENTSCOPEEXCEPTION"}, ran: refused, hint: "give the webhook the scope of this method"},
		{is: ErrUserAccess, spelt: []Code{"user_access_error"}, ran: refused},
		{is: ErrAccessDenied, spelt: []Code{"ACCESS_DENIED", v3 + "ACCESSDENIEDEXCEPTION"}, ran: refused, before: at401},
		{is: ErrWrongAuthType, spelt: []Code{"WRONG_AUTH_TYPE"}, ran: byStatus, hint: "this method does not work with a webhook"},
		{is: ErrWrongLicense, spelt: []Code{"WRONG_LICENSE", v3 + "LICENSEEXCEPTION"}, ran: byStatus},
		{is: ErrIntranetOnly, spelt: []Code{"allowed_only_intranet_user"}, ran: byStatus},
		{is: ErrApplicationNotFound, spelt: []Code{"APPLICATION_NOT_FOUND"}, ran: byStatus},
		{is: ErrPaymentRequired, spelt: []Code{"PAYMENT_REQUIRED"}, ran: byStatus},
		{is: ErrMethodConfirmWaiting, spelt: []Code{"METHOD_CONFIRM_WAITING"}, ran: byStatus},
		{is: ErrMethodConfirmDenied, spelt: []Code{"METHOD_CONFIRM_DENIED"}, ran: byStatus},
		{is: ErrConnection, spelt: []Code{"CONNECTION_ERROR"}, ran: byStatus, then: [3]verdict{verdictFinal, verdictRefused, verdictFinal}},
		{is: ErrInvalidRequest, spelt: []Code{"INVALID_REQUEST", "invalid_request"}, ran: byStatus},
		{is: ErrPortalDeleted, spelt: []Code{"PORTAL_DELETED"}, ran: refused},

		{is: ErrMethodNotFound, spelt: []Code{v3 + "METHODNOTFOUNDEXCEPTION", older + "METHODNOTFOUNDEXCEPTION", mail + "METHODNOTFOUNDEXCEPTION"}, ran: refused, before: always, hint: name},
		{is: ErrMethodNotFound, spelt: []Code{"ERROR_METHOD_NOT_FOUND", v3 + "RELATIONMETHODNOTFOUNDEXCEPTION", "METHODNOTFOUNDEXCEPTION"}, ran: refused, hint: name},
		{is: ErrNotFound, spelt: []Code{"NOT_FOUND", "ERROR_NOT_FOUND", "ERROR_ENTITY_NOT_FOUND", "ENTITY_NOT_FOUND", v3 + "ENTITYNOTFOUNDEXCEPTION", mail + "ENTITYNOTFOUNDEXCEPTION"}, ran: byStatus},
		{is: ErrArgument, spelt: []Code{"ERROR_ARGUMENT"}, ran: byStatus},
		{is: ErrInvalidArgValue, spelt: []Code{"INVALID_ARG_VALUE"}, ran: byStatus},
		{is: ErrValidation, spelt: []Code{
			"VALIDATIONEXCEPTION", v3 + "VALIDATION_REQUESTVALIDATIONEXCEPTION", v3 + "VALIDATION_DTOVALIDATIONEXCEPTION",
			v3 + "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", v3 + "VALIDATION_INVALIDFILEEXCEPTION",
		}, ran: byStatus},
		{is: ErrIdempotencyKeyReused, spelt: []Code{"IDEMPOTENCYKEYREUSEDEXCEPTION", v3 + "IDEMPOTENCYKEYREUSEDEXCEPTION"}, ran: byStatus},
		{is: ErrInvalidIdempotencyKey, spelt: []Code{"INVALIDIDEMPOTENCYKEYEXCEPTION", v3 + "INVALIDIDEMPOTENCYKEYEXCEPTION"}, ran: byStatus},
		{is: ErrBatchLengthExceeded, spelt: []Code{"ERROR_BATCH_LENGTH_EXCEEDED"}, ran: byStatus},
		{is: ErrBatchMethodNotAllowed, spelt: []Code{"ERROR_BATCH_METHOD_NOT_ALLOWED"}, ran: byStatus},
		{is: errInvalidSelect, spelt: []Code{v3 + "INVALIDSELECTEXCEPTION"}, ran: byStatus},
		{spelt: []Code{v3 + "INVALIDJSONEXCEPTION"}, ran: byStatus, before: always},

		{is: ErrCore, spelt: []Code{"ERROR_CORE"}, ran: unknown, then: repeats},
		{is: ErrInternalServerError, spelt: []Code{"INTERNAL_SERVER_ERROR"}, ran: unknown, then: repeats},
		{is: ErrUnexpectedAnswer, spelt: []Code{"ERROR_UNEXPECTED_ANSWER"}, ran: unknown, then: repeats},
		{is: ErrWrongEncoding, spelt: []Code{"WRONG_ENCODING"}, ran: unknown, hint: "the portal ran the call"},
		{spelt: []Code{v3 + "INTERNAL_INTERNALEXCEPTION", v3 + "INTERNAL_ORMSAVEEXCEPTION"}, ran: byStatus, then: repeats},
		{spelt: []Code{"0"}, ran: byStatus, then: repeats},
		{spelt: []Code{""}, ran: byStatus, then: repeats},

		// Without a row.
		{spelt: []Code{
			"MY_OWN_CODE", "invalid_client", "00", "403", "INTERNAL_INTERNALEXCEPTION", v3 + "LOGICEXCEPTION",
			"RATELIMITEXCEPTION", "QUERY_LIMIT_EXCEEDED ", "*", "* ", "NOT_FOUND ERROR_NOT_FOUND",
		}, ran: byStatus},
	}
}

// Each spelling of each row has the outcome, the repeat and the hint of its row, in any letter case.
func TestEveryRowOfTheCodes(t *testing.T) {
	t.Parallel()
	for _, test := range codeCases() {
		for _, code := range test.spelt {
			for _, code := range []Code{code, Code(strings.ToLower(string(code))), Code(strings.ToUpper(string(code)))} {
				at := strconv.Quote(string(code))
				assert.Equal(t, test.is, code.known().code, at)
				assert.Equal(t, test.limit, limitOf(&Error{Code: code}), at)
				for i, status := range statuses() {
					e := &Error{Code: code, Status: status}
					assert.Equal(t, test.ran[i], e.outcome(), "%s with %d", at, status)
					assert.Equal(t, test.then[i], e.verdict(), "%s with %d", at, status)
					assert.Equal(t, test.before[i], e.beforeBatch(), "%s with %d", at, status)
					assert.Equal(t, test.renew[i], e.refusesKey(), "%s with %d", at, status)
				}
				text := (&Error{Code: code, Status: http.StatusBadRequest}).Error()
				switch {
				case test.hint != "":
					assert.True(t, strings.HasSuffix(text, "); "+test.hint), text)
				case test.ran[0] == OutcomeUnknown:
					assert.True(t, strings.HasSuffix(text, "); "+mayHave), text)
				default:
					assert.True(t, strings.HasSuffix(text, ")"), text)
				}
			}
		}
	}
}

// The cases above leave out no row and no spelling, and no code is in two rows of different names.
func TestCasesCoverTheCodes(t *testing.T) {
	t.Parallel()
	var all []Code
	for _, test := range codeCases() {
		all = append(all, test.spelt...)
	}
	n := 0
	for row := range codes {
		n++
		words := strings.Split(row.spelled, " ")
		if row.spelled == "" {
			words = []string{string(row.code)}
		}
		for _, word := range words {
			one, covered := codeRow{spelled: word, code: row.code}, false
			for _, code := range all {
				if code.known() == row && one.spells(code) {
					covered = true
				}
			}
			assert.True(t, covered, "no case for %q", word)
		}
		for _, code := range all {
			if row.spells(code) {
				assert.Equal(t, row.code, code.known().code, "%q is in rows of two names", string(code))
			}
		}
	}
	assert.Greater(t, n, 30)
}

// Every exported code has a row.
func TestNamedCodesHaveRows(t *testing.T) {
	t.Parallel()
	named := 0
	file, err := parser.ParseFile(token.NewFileSet(), "error_code.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !spec.Names[0].IsExported() {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		named++
		assert.Equal(t, Code(text), Code(text).known().code, spec.Names[0].Name)
		return true
	})
	assert.Greater(t, named, 30)
}

// A timeout of the portal's front is no word of the method, whatever the code beside it.
func TestCodesWithTheStatusOfATimeout(t *testing.T) {
	t.Parallel()
	for code, want := range map[Code]verdict{
		ErrQueryLimitExceeded: verdictRefused, ErrConnection: verdictUnknown, ErrCore: verdictUnknown, ErrAccessDenied: verdictUnknown, "": verdictUnknown,
	} {
		assert.Equal(t, want, (&Error{Code: code, Status: http.StatusRequestTimeout}).verdict(), string(code))
	}
}

func TestLookUpOfACodeAllocatesNothing(t *testing.T) { //nolint:paralleltest // it counts what all goroutines allocate
	var found, matched bool
	for _, code := range []Code{ErrQueryLimitExceeded, "BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", "", "NO_SUCH_CODE"} {
		e := &Error{Code: code, Status: http.StatusServiceUnavailable}
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			found = e.outcome() == OutcomeUnknown || e.verdict() == verdictFinal || e.beforeBatch() || limitOf(e) != noLimit
			matched = e.Is(ErrNotFound)
		}), "%q", string(code))
	}
	assert.True(t, found || !matched)
}

func BenchmarkCodeKnown(b *testing.B) {
	for name, code := range map[string]Code{"first": ErrQueryLimitExceeded, "last": "", "none": "SOME_CODE_OF_A_METHOD"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = code.known()
			}
		})
	}
}
