package b24

import "net/http"

// beforeBatch knows the refusals that come before the first command of a batch runs.
// Any other error may be that of a later command, and does not tell which ran before
// it (protocol.md 9.7, trap 34). So may one for the operating time: the code that was
// read does not count commands by themselves (protocol.md 7.3), which no portal promises.
func (e *Error) beforeBatch() bool {
	switch {
	case e.Code.same(ErrQueryLimitExceeded):
		return e.Status == http.StatusServiceUnavailable
	case e.Code.Is(ErrAccessDenied):
		return e.Status == http.StatusUnauthorized
	default:
		return e.Code.hasSuffix("_EXCEPTION_METHODNOTFOUNDEXCEPTION") || e.Code.hasSuffix("_EXCEPTIONS_METHODNOTFOUNDEXCEPTION") ||
			e.Code.hasSuffix("_INVALIDJSONEXCEPTION")
	}
}
