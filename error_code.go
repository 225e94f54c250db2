package b24

import (
	"errors"
	"net/http"
	"strings"
)

// Code is an error code as the portal sends it. It is itself an error, to be matched with
// [errors.Is]; letter case does not matter:
//
//	errors.Is(err, b24.Code("MY_CODE"))
//
// The named codes match each spelling the API versions have for the same thing.
type Code string

// Codes of limits. The portal refused the call before running it.
const (
	// ErrQueryLimitExceeded: too many requests per second from this address.
	ErrQueryLimitExceeded Code = "QUERY_LIMIT_EXCEEDED"
	// ErrOperationTimeLimit: the method used up its operating time of the last 10 minutes. It also
	// matches REST 3.0's RATELIMITEXCEPTION.
	ErrOperationTimeLimit Code = "OPERATION_TIME_LIMIT"
	// ErrOverloadLimit: Bitrix24 support blocked the application. Waiting does not help.
	ErrOverloadLimit Code = "OVERLOAD_LIMIT"
)

// Codes of authorisation and rights. The portal did not run the call.
const (
	// ErrNoAuthFound: the address has no valid credentials.
	ErrNoAuthFound Code = "NO_AUTH_FOUND"
	// ErrInvalidCredentials: the webhook's secret or user is wrong, or the webhook was deleted.
	ErrInvalidCredentials Code = "INVALID_CREDENTIALS" //nolint:gosec // a code, no credentials
	// ErrExpiredToken: an access token has expired. A webhook has none.
	ErrExpiredToken Code = "expired_token"
	// ErrInvalidToken: an access token is malformed or unknown.
	ErrInvalidToken Code = "invalid_token"
	// ErrAuthorization: the user cannot be authorised.
	ErrAuthorization Code = "authorization_error"
	// ErrInsufficientScope: the webhook lacks the method's scope.
	ErrInsufficientScope Code = "insufficient_scope"
	// ErrUserAccess: the application is closed for this user.
	ErrUserAccess Code = "user_access_error"
	// ErrAccessDenied: the user lacks the right, or REST is not on the plan.
	ErrAccessDenied Code = "ACCESS_DENIED"
	// ErrWrongAuthType: the method works only for applications (or only for webhooks).
	ErrWrongAuthType Code = "WRONG_AUTH_TYPE"
	// ErrWrongLicense: the feature is not on the portal's plan.
	ErrWrongLicense Code = "WRONG_LICENSE"
	// ErrIntranetOnly: the user is an extranet user.
	ErrIntranetOnly Code = "allowed_only_intranet_user"
	// ErrApplicationNotFound: the application was removed or switched off.
	ErrApplicationNotFound Code = "APPLICATION_NOT_FOUND"
	// ErrPaymentRequired: the paid period of the application has ended.
	ErrPaymentRequired Code = "PAYMENT_REQUIRED"
	// ErrMethodConfirmWaiting: an administrator has not confirmed the method yet.
	ErrMethodConfirmWaiting Code = "METHOD_CONFIRM_WAITING"
	// ErrMethodConfirmDenied: an administrator refused the method.
	ErrMethodConfirmDenied Code = "METHOD_CONFIRM_DENIED"
	// ErrConnection: the portal could not reach the authorisation server.
	ErrConnection Code = "CONNECTION_ERROR"
	// ErrInvalidRequest: the portal wants https.
	ErrInvalidRequest Code = "INVALID_REQUEST"
	// ErrPortalDeleted: the portal is closed.
	ErrPortalDeleted Code = "PORTAL_DELETED"
)

// Codes of methods and their arguments.
const (
	// ErrMethodNotFound: the method does not exist in this API version, or its module is off. It
	// matches every spelling, including REST 3.0's METHODNOTFOUNDEXCEPTION.
	ErrMethodNotFound Code = "ERROR_METHOD_NOT_FOUND"
	// ErrNotFound: the record does not exist. It matches every spelling: NOT_FOUND,
	// ERROR_NOT_FOUND, ERROR_ENTITY_NOT_FOUND, an empty code with the description "Not found", and
	// REST 3.0's ENTITYNOTFOUNDEXCEPTION.
	ErrNotFound Code = "NOT_FOUND"
	// ErrArgument: an argument is missing or wrong; [Error.Argument] may name it.
	ErrArgument Code = "ERROR_ARGUMENT"
	// ErrInvalidArgValue: crm.item.* does not know a filter field or a value.
	ErrInvalidArgValue Code = "INVALID_ARG_VALUE"
	// ErrValidation: REST 3.0 rejected fields; [Error.Validation] names them.
	ErrValidation Code = "VALIDATIONEXCEPTION"
	// ErrIdempotencyKeyReused: the key of the call was used with other parameters.
	ErrIdempotencyKeyReused Code = "IDEMPOTENCYKEYREUSEDEXCEPTION"
	// ErrInvalidIdempotencyKey: the portal does not accept the key of the call.
	ErrInvalidIdempotencyKey Code = "INVALIDIDEMPOTENCYKEYEXCEPTION"
	// ErrBatchLengthExceeded: a command beyond the fiftieth of a batch.
	ErrBatchLengthExceeded Code = "ERROR_BATCH_LENGTH_EXCEEDED"
	// ErrBatchMethodNotAllowed: batch, upload or download inside a batch.
	ErrBatchMethodNotAllowed Code = "ERROR_BATCH_METHOD_NOT_ALLOWED"

	// errInvalidSelect: in a batch of REST 3.0, a reference into an empty page (docs/protocol.md
	// 9.7).
	errInvalidSelect Code = "INVALIDSELECTEXCEPTION"
)

// Codes of faults inside the portal.
const (
	// ErrCore: any exception of the portal without a specific code.
	ErrCore Code = "ERROR_CORE"
	// ErrInternalServerError: the portal failed; it may have run the call.
	ErrInternalServerError Code = "INTERNAL_SERVER_ERROR"
	// ErrUnexpectedAnswer: the portal failed; it may have run the call.
	ErrUnexpectedAnswer Code = "ERROR_UNEXPECTED_ANSWER"
	// ErrWrongEncoding: the portal ran the call and could not encode its result.
	ErrWrongEncoding Code = "WRONG_ENCODING"
)

// Error returns the code as the text of an error.
func (c Code) Error() string { return ours + c.says() }

func (c Code) says() string { return "portal error " + string(c) }

func (c Code) speak() (about, says string) { return "", c.says() }

// Is reports whether target is the same code, or another spelling of it.
func (c Code) Is(target error) bool {
	want, ok := target.(Code)
	return ok && (c.same(want) || want.family(c))
}

func (c Code) same(other Code) bool { return strings.EqualFold(string(c), string(other)) }

// hasSuffix compares the end: REST 3.0 codes begin with the upper-cased class path of an exception,
// which differs by module and by build (docs/protocol.md 8).
func (c Code) hasSuffix(suffix string) bool {
	return len(c) >= len(suffix) && strings.EqualFold(string(c[len(c)-len(suffix):]), suffix)
}

// codeRow is what the client knows about a code.
type codeRow struct {
	// code is the name that errors.Is matches; empty: none.
	code Code
	// spelled holds its spellings, separated by blanks: *X is any code that ends in X. Empty: the
	// name alone.
	spelled string
	// ran says whether the call may have run.
	ran effect
	// then is the client's reaction.
	then action
	// limit is the limit of the portal that the code refers to.
	limit limitKind
	// at is the only HTTP status at which then applies; 0: any. With another status, the code is
	// that of a method.
	at int16
	// before is the HTTP status at which it comes before the first command of a batch of REST 3.0
	// runs; 0: none.
	before int16
	// hint is advice for the caller, if the text alone is not clear.
	hint string
}

// effect says whether a call that ended with a code may have run.
type effect uint8

const (
	byStatus   effect = iota // a 5xx may occur after it ran, any other status is a refusal
	didNotRun                // checked before a method runs, whatever the status
	mayHaveRun               // whatever the status, which is 200 for a command in a batch
)

// action is the client's reaction to a code.
type action uint8

const (
	doStop   action = iota // a repeat would end the same way
	doRepeat               // after a 5xx, if a repeat is harmless
	doWait                 // then repeat, whatever the call does: it did not run
	doRenew                // renew the key if possible; otherwise a repeat would end the same way
)

// limitKind is a limit of the portal.
type limitKind uint8

const (
	noLimit   limitKind = iota
	rateLimit           // of requests
	timeLimit           // of a method's operating time
)

// anyStatus matches any status.
const anyStatus = -1

// codes yields the rows of the table: all that the client knows about codes (docs/protocol.md 8).
// There is a row for each code with a name, and for each that the client reacts to; a further code
// is one more row. The first row that spells a code counts. For a code without a row, the outcome
// follows from the status, and the call is not repeated.
//
// The table is a function because a variable could be modified. Ranging over it does not allocate.
func codes(yield func(codeRow) bool) {
	const (
		later   = "refused before it ran, repeat it later"
		webhook = "check the webhook, it may be mistyped or deleted"
		name    = "check the name and the API version"
	)
	for _, row := range [...]codeRow{
		// Limits.
		{code: ErrQueryLimitExceeded, ran: didNotRun, then: doWait, limit: rateLimit, before: http.StatusServiceUnavailable, hint: later},
		{code: ErrOperationTimeLimit, spelled: "OPERATION_TIME_LIMIT *_RATELIMITEXCEPTION", ran: didNotRun, then: doWait, limit: timeLimit, hint: later},
		{code: ErrOverloadLimit, ran: didNotRun, hint: "the portal blocks this application, ask its administrator"},

		// Authorisation and rights. The documentation gives some of them a 5xx status
		// (docs/protocol.md 14.2).
		{code: ErrNoAuthFound, ran: didNotRun, hint: webhook},
		{code: ErrInvalidCredentials, ran: didNotRun, hint: webhook},
		{code: ErrExpiredToken, ran: didNotRun, then: doRenew, at: http.StatusUnauthorized},
		{code: ErrInvalidToken, ran: didNotRun, then: doRenew, at: http.StatusUnauthorized},
		{code: ErrAuthorization},
		{code: ErrInsufficientScope, spelled: "insufficient_scope *_INSUFFICIENTSCOPEEXCEPTION", ran: didNotRun, hint: "give the webhook the scope of this method"},
		{code: ErrUserAccess, ran: didNotRun},
		{code: ErrAccessDenied, spelled: "ACCESS_DENIED *_ACCESSDENIEDEXCEPTION", ran: didNotRun, before: http.StatusUnauthorized},
		{code: ErrWrongAuthType, hint: "this method does not work with a webhook"},
		{code: ErrWrongLicense, spelled: "WRONG_LICENSE *_LICENSEEXCEPTION"},
		{code: ErrIntranetOnly},
		{code: ErrApplicationNotFound},
		{code: ErrPaymentRequired},
		{code: ErrMethodConfirmWaiting},
		{code: ErrMethodConfirmDenied},
		{code: ErrConnection, then: doWait, at: http.StatusUnauthorized},
		{code: ErrInvalidRequest},
		{code: ErrPortalDeleted, ran: didNotRun},

		// Methods and arguments. REST 3.0 checks all method names of a batch before it runs one.
		{code: ErrMethodNotFound, spelled: "*_EXCEPTION_METHODNOTFOUNDEXCEPTION *_EXCEPTIONS_METHODNOTFOUNDEXCEPTION", ran: didNotRun, before: anyStatus, hint: name},
		{code: ErrMethodNotFound, spelled: "ERROR_METHOD_NOT_FOUND *METHODNOTFOUNDEXCEPTION", ran: didNotRun, hint: name},
		{code: ErrNotFound, spelled: "NOT_FOUND ERROR_NOT_FOUND ERROR_ENTITY_NOT_FOUND ENTITY_NOT_FOUND *_ENTITYNOTFOUNDEXCEPTION"},
		{code: ErrArgument},
		{code: ErrInvalidArgValue},
		{code: ErrValidation, spelled: "*VALIDATIONEXCEPTION *_VALIDATION_INVALIDFILEEXCEPTION"},
		{code: ErrIdempotencyKeyReused, spelled: "IDEMPOTENCYKEYREUSEDEXCEPTION *_IDEMPOTENCYKEYREUSEDEXCEPTION"},
		{code: ErrInvalidIdempotencyKey, spelled: "INVALIDIDEMPOTENCYKEYEXCEPTION *_INVALIDIDEMPOTENCYKEYEXCEPTION"},
		{code: ErrBatchLengthExceeded},
		{code: ErrBatchMethodNotAllowed},
		{code: errInvalidSelect, spelled: "*_INVALIDSELECTEXCEPTION"},
		{spelled: "*_INVALIDJSONEXCEPTION", before: anyStatus},

		// Faults inside the portal. An exception may occur after the record was stored.
		{code: ErrCore, ran: mayHaveRun, then: doRepeat},
		{code: ErrInternalServerError, ran: mayHaveRun, then: doRepeat},
		{code: ErrUnexpectedAnswer, ran: mayHaveRun, then: doRepeat},
		{code: ErrWrongEncoding, ran: mayHaveRun, hint: "the portal ran the call"},
		{spelled: "*_INTERNAL_INTERNALEXCEPTION *_INTERNAL_ORMSAVEEXCEPTION", then: doRepeat},
		{spelled: "0", then: doRepeat},
		{then: doRepeat}, // without a code
	} {
		if !yield(row) {
			return
		}
	}
}

// known returns the row of c, or the zero row if there is none.
func (c Code) known() codeRow {
	for row := range codes {
		if row.spells(c) {
			return row
		}
	}
	return codeRow{}
}

// family reports whether c, one of the named codes, includes member.
func (c Code) family(member Code) bool {
	if c == "" {
		return false // rows without a name belong to no family
	}
	for row := range codes {
		if row.code == c && row.spells(member) {
			return true
		}
	}
	return false
}

// spells reports whether c is a spelling of the row.
func (r codeRow) spells(c Code) bool {
	if r.spelled == "" {
		return c.reads(string(r.code))
	}
	for word := range strings.SplitSeq(r.spelled, " ") {
		if end, open := strings.CutPrefix(word, "*"); open && c.hasSuffix(end) || !open && c.reads(word) {
			return true
		}
	}
	return false
}

// reads is same for a spelling of the table: most differ in length, which is quick to compare.
func (c Code) reads(word string) bool { return len(c) == len(word) && c.same(Code(word)) }

// action returns the reaction to the code with that HTTP status.
func (r codeRow) action(status int) action {
	if r.at != 0 && int(r.at) != status || r.then == doRepeat && status < http.StatusInternalServerError {
		return doStop
	}
	return r.then
}

// beforeBatch reports whether the refusal comes before the first command of a batch of REST 3.0
// runs. Any other error may be that of a later command, and does not show which ran before it
// (docs/protocol.md 9.7, trap 34). The same holds for one about the operating time: the portal code
// that was read does not count the commands one by one (docs/protocol.md 7.3), but no portal
// promises that.
func (e *Error) beforeBatch() bool {
	at := e.Code.known().before
	return at == anyStatus || at != 0 && int(at) == e.Status
}

// refusesKey reports whether the call may be sent again with another key (docs/protocol.md 10).
func (e *Error) refusesKey() bool { return e.Code.known().action(e.Status) == doRenew }

// limitOf returns the limit of the portal that err refers to.
func limitOf(err error) limitKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code.known().limit
	}
	return noLimit
}
