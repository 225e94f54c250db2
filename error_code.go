package b24

import "strings"

// Code is an error code as the portal sends it. It is an error itself, to be
// asked for with errors.Is; letter case does not matter:
//
//	errors.Is(err, b24.Code("MY_CODE"))
//
// The named codes match each spelling the API versions have for the same thing
// (protocol.md 8).
type Code string

// Codes of limits. The portal refused the call before it ran it.
const (
	// ErrQueryLimitExceeded: too many requests a second from this address.
	ErrQueryLimitExceeded Code = "QUERY_LIMIT_EXCEEDED"
	// ErrOperationTimeLimit: the method used up its time of the last ten
	// minutes. Matches REST 3.0's RATELIMITEXCEPTION too.
	ErrOperationTimeLimit Code = "OPERATION_TIME_LIMIT"
	// ErrOverloadLimit: the vendor blocked the application by hand. Waiting
	// does not help.
	ErrOverloadLimit Code = "OVERLOAD_LIMIT"
)

// Codes of authorisation and rights. The portal did not run the call.
const (
	// ErrNoAuthFound: the address holds no valid credentials.
	ErrNoAuthFound Code = "NO_AUTH_FOUND"
	// ErrInvalidCredentials: the webhook's secret or user is wrong, or the
	// webhook was deleted.
	ErrInvalidCredentials Code = "INVALID_CREDENTIALS" //nolint:gosec // a code, no credentials
	// ErrExpiredToken: an access token is too old. A webhook has none.
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
	// ErrWrongAuthType: the method is for applications (or for webhooks) only.
	ErrWrongAuthType Code = "WRONG_AUTH_TYPE"
	// ErrWrongLicense: the feature is not on the portal's plan.
	ErrWrongLicense Code = "WRONG_LICENSE"
	// ErrIntranetOnly: the user is an extranet user.
	ErrIntranetOnly Code = "allowed_only_intranet_user"
	// ErrApplicationNotFound: the application was removed or switched off.
	ErrApplicationNotFound Code = "APPLICATION_NOT_FOUND"
	// ErrPaymentRequired: the application's period is over.
	ErrPaymentRequired Code = "PAYMENT_REQUIRED"
	// ErrMethodConfirmWaiting: an administrator has yet to confirm the method.
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
	// ErrMethodNotFound: no such method in this API version, or its module is
	// off. Matches every spelling, REST 3.0's METHODNOTFOUNDEXCEPTION too.
	ErrMethodNotFound Code = "ERROR_METHOD_NOT_FOUND"
	// ErrNotFound: no such record. Matches every spelling: NOT_FOUND,
	// ERROR_NOT_FOUND, ERROR_ENTITY_NOT_FOUND, an empty code that is described
	// as "Not found", and REST 3.0's ENTITYNOTFOUNDEXCEPTION.
	ErrNotFound Code = "NOT_FOUND"
	// ErrArgument: an argument is missing or wrong; Error.Argument may name it.
	ErrArgument Code = "ERROR_ARGUMENT"
	// ErrInvalidArgValue: crm.item.* does not know a filter field or a value.
	ErrInvalidArgValue Code = "INVALID_ARG_VALUE"
	// ErrValidation: REST 3.0 found fields wrong; Error.Validation names them.
	ErrValidation Code = "VALIDATIONEXCEPTION"
	// ErrIdempotencyKeyReused: the key of the call was used with other parameters.
	ErrIdempotencyKeyReused Code = "IDEMPOTENCYKEYREUSEDEXCEPTION"
	// ErrInvalidIdempotencyKey: the portal does not take the key of the call.
	ErrInvalidIdempotencyKey Code = "INVALIDIDEMPOTENCYKEYEXCEPTION"
	// ErrBatchLengthExceeded: a command beyond the fiftieth of a batch.
	ErrBatchLengthExceeded Code = "ERROR_BATCH_LENGTH_EXCEEDED"
	// ErrBatchMethodNotAllowed: batch, upload or download inside a batch.
	ErrBatchMethodNotAllowed Code = "ERROR_BATCH_METHOD_NOT_ALLOWED"
)

// Codes of faults inside the portal.
const (
	// ErrCore: any exception of the portal that has no code of its own.
	ErrCore Code = "ERROR_CORE"
	// ErrInternalServerError: the portal failed; it may have run the call.
	ErrInternalServerError Code = "INTERNAL_SERVER_ERROR"
	// ErrUnexpectedAnswer: the portal failed; it may have run the call.
	ErrUnexpectedAnswer Code = "ERROR_UNEXPECTED_ANSWER"
	// ErrWrongEncoding: the portal ran the call and could not encode its result.
	ErrWrongEncoding Code = "WRONG_ENCODING"
)

// Error returns the code as the text of an error.
func (c Code) Error() string { return "b24: portal error " + string(c) }

// Is reports whether target is the same code in any spelling of its family.
func (c Code) Is(target error) bool {
	want, ok := target.(Code)
	return ok && (c.same(want) || want.family(c))
}

func (c Code) same(other Code) bool { return strings.EqualFold(string(c), string(other)) }

// hasSuffix compares the end: REST 3.0 codes begin with the upper-cased class
// path of an exception, which differs by module and by build (protocol.md 8).
func (c Code) hasSuffix(suffix string) bool {
	return len(c) >= len(suffix) && strings.EqualFold(string(c[len(c)-len(suffix):]), suffix)
}

// family reports whether c, one of the named codes, stands for member too.
func (c Code) family(member Code) bool {
	switch c {
	case ErrNotFound:
		return member.same("ERROR_NOT_FOUND") || member.same("ERROR_ENTITY_NOT_FOUND") ||
			member.same("ENTITY_NOT_FOUND") || member.hasSuffix("_ENTITYNOTFOUNDEXCEPTION")
	case ErrMethodNotFound:
		return member.hasSuffix("METHODNOTFOUNDEXCEPTION")
	case ErrOperationTimeLimit:
		return member.hasSuffix("_RATELIMITEXCEPTION")
	case ErrAccessDenied:
		return member.hasSuffix("_ACCESSDENIEDEXCEPTION")
	case ErrInsufficientScope:
		return member.hasSuffix("_INSUFFICIENTSCOPEEXCEPTION")
	case ErrWrongLicense:
		return member.hasSuffix("_LICENSEEXCEPTION")
	case ErrIdempotencyKeyReused, ErrInvalidIdempotencyKey:
		return member.hasSuffix("_" + string(c))
	case ErrValidation:
		return member.hasSuffix("VALIDATIONEXCEPTION") || member.hasSuffix("_VALIDATION_INVALIDFILEEXCEPTION")
	default:
		return false
	}
}

// hint says what to do about the code, where that is not plain from its text.
func (c Code) hint() string {
	switch {
	case c.Is(ErrQueryLimitExceeded), c.Is(ErrOperationTimeLimit):
		return "refused before it ran, repeat it later"
	case c.Is(ErrOverloadLimit):
		return "the portal blocks this application, ask its administrator"
	case c.Is(ErrInvalidCredentials), c.Is(ErrNoAuthFound):
		return "check the webhook, it may be mistyped or deleted"
	case c.Is(ErrInsufficientScope):
		return "give the webhook the scope of this method"
	case c.Is(ErrWrongAuthType):
		return "this method does not work with a webhook"
	case c.Is(ErrMethodNotFound):
		return "check the name and the API version"
	case c.Is(ErrWrongEncoding):
		return "the portal ran the call"
	default:
		return ""
	}
}
