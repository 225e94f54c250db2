package b24test

import (
	"errors"
	"net/http"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// errorOf returns the error of a handler, which may have returned it as its value.
func errorOf(value any, err error) error {
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case b24.Error:
		return &v
	case *b24.Error:
		return v
	}
	return nil
}

// failure builds the error envelope of an API version.
func failure(version int, err error) reply {
	e := asError(err, version)
	status := e.Status
	switch {
	case status == 0 && version == 3:
		status = statusV3(e.Code)
	case status == 0:
		status = usualStatus(e.Code)
	}
	if version != 3 {
		return jsonReply(status, php.Object("error", string(e.Code), "error_description", e.Description))
	}
	inner := php.Object("code", codeV3(e.Code), "message", e.Description)
	if len(e.Validation) > 0 {
		list := php.NewArray()
		for _, v := range e.Validation {
			item := php.Object("message", v.Message)
			if v.Field != "" {
				item.Set("field", v.Field)
			}
			list.Add(item)
		}
		inner.Set("validation", list)
	}
	return jsonReply(status, php.Object("error", inner))
}

// asError converts a handler's error as PHP does.
func asError(err error, version int) *b24.Error {
	if e, ok := errors.AsType[*b24.Error](err); ok {
		return e
	}
	if e, ok := any(err).(b24.Error); ok {
		return &e
	}
	if code, ok := any(err).(b24.Code); ok {
		return &b24.Error{Code: code, Description: string(code)}
	}
	if version == 3 {
		return &b24.Error{Code: v3Code("INTERNAL_INTERNALEXCEPTION"), Description: err.Error(), Status: http.StatusInternalServerError}
	}
	return &b24.Error{Code: "ERROR_CORE", Description: err.Error()}
}

func v3Code(suffix string) b24.Code { return b24.Code("BITRIX_REST_V3_EXCEPTION_" + suffix) }

// usualStatus returns the HTTP status that a portal sends with a code.
func usualStatus(code b24.Code) int {
	c := strings.TrimPrefix(strings.ToUpper(string(code)), "BITRIX_REST_V3_EXCEPTION_")
	switch c {
	case "QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT":
		return http.StatusServiceUnavailable
	case "OPERATION_TIME_LIMIT", "RATELIMITEXCEPTION":
		return http.StatusTooManyRequests
	case "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "INTERNAL_INTERNALEXCEPTION", "INTERNAL_ORMSAVEEXCEPTION":
		return http.StatusInternalServerError
	case "ERROR_METHOD_NOT_FOUND", "METHODNOTFOUNDEXCEPTION", "RELATIONMETHODNOTFOUNDEXCEPTION", "ERROR_MANIFEST_IS_NOT_AVAILABLE":
		return http.StatusNotFound
	case "NO_AUTH_FOUND", "INVALID_CREDENTIALS", "EXPIRED_TOKEN", "INVALID_TOKEN", "AUTHORIZATION_ERROR", "APPLICATION_NOT_FOUND",
		"CONNECTION_ERROR", "METHOD_CONFIRM_WAITING", "PAYMENT_REQUIRED":
		return http.StatusUnauthorized
	case "INSUFFICIENT_SCOPE", "USER_ACCESS_ERROR", "ACCESS_DENIED", "ACCESSDENIEDEXCEPTION", "INSUFFICIENTSCOPEEXCEPTION", "LICENSEEXCEPTION",
		"WRONG_LICENSE", "ALLOWED_ONLY_INTRANET_USER", "METHOD_CONFIRM_DENIED", "PORTAL_DELETED":
		return http.StatusForbidden
	case "IDEMPOTENCYKEYREUSEDEXCEPTION":
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}
