package b24

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24/internal/transport"
)

// Errors of the client. Nothing was sent, except for [ErrNoResult], [ErrBadResponse] and
// [ErrResponseTooLarge].
var (
	// ErrInvalidWebhookURL is matched by every [WebhookURLError].
	ErrInvalidWebhookURL = newUnsent("invalid webhook URL")
	// ErrInvalidParams is matched by every [ParamsError].
	ErrInvalidParams = newUnsent("invalid parameters")
	// ErrClosed: the client was closed.
	ErrClosed = newUnsent("the client is closed")
	// ErrNoMorePages: [AjaxResult.FetchNext] was called after the last page.
	ErrNoMorePages = newUnsent("no more pages")
	// ErrNoResult: the answer does not have the requested part. The call was executed.
	ErrNoResult = newKind("the answer has no such result")
	// ErrBadResponse is matched by a [TransportError] with an answer that is not a REST API answer:
	// HTML, empty, truncated.
	ErrBadResponse = errors.New("not a REST API answer")
	// ErrResponseTooLarge is matched by a [TransportError] with an answer that exceeded the limit
	// of [WithMaxResponseBytes].
	ErrResponseTooLarge = transport.ErrTooLarge
)

// errNoAnswer is the error of a result that is nil or zero.
var errNoAnswer = detailed(ErrNoResult, ": there is no answer, see the error returned with it")

// Error is an error that the portal returned.
type Error struct {
	// Code is the code as sent; a number as its digits; empty if the portal sent an empty one.
	Code Code
	// Description is the portal's text: localized, sometimes with HTML, sometimes empty, up to
	// 4,000 characters. Never branch on it. Secrets in it are masked.
	Description string
	// Status is the HTTP status code. It can be 200.
	Status int
	// Method is the called method, and RequestID is the id of the request.
	Method, RequestID string
	// Attempts is the number of attempts, including those that sent nothing.
	Attempts int
	// Argument is the argument that the portal rejected; empty if it names none.
	Argument string
	// Validation holds the rows of a REST 3.0 validation error.
	Validation []FieldError

	retryAfter time.Duration
	maybe      bool // an earlier attempt may have been executed
}

// FieldError describes what the portal rejected in one field.
type FieldError struct {
	// Field is the name of the field; the portal may leave it out.
	Field string
	// Message is the portal's text, localized.
	Message string
}

// Error returns what the portal answered, whether it may have executed the call, and what to do.
func (e *Error) Error() string { return textOf(e) }

func (e *Error) speak() (about, says string) {
	var b strings.Builder
	b.WriteString("portal answered ")
	b.WriteString(strings.Join(e.said(), ": "))
	for _, f := range e.Validation {
		b.WriteString("; ")
		if f.Field != "" {
			b.WriteString(f.Field + ": ")
		}
		b.WriteString(f.Message)
	}
	fmt.Fprintf(&b, " (status %d, request %s)", e.Status, e.RequestID)
	if hint := e.Code.known().hint; hint != "" && !e.maybe {
		b.WriteString("; " + hint)
	} else if e.outcome() == OutcomeUnknown {
		b.WriteString("; " + mayHave)
	}
	return e.Method + ": ", oneLine(b.String())
}

func (e *Error) said() []string {
	said := []string{string(e.Code)}
	if e.Code == "" {
		said[0] = "an error without a code"
	}
	if e.Description != "" {
		said = append(said, e.Description)
	}
	return said
}

// Is reports whether target is the [Code] of this error, in any letter case and in any spelling of
// the named codes.
func (e *Error) Is(target error) bool {
	want, ok := target.(Code)
	if !ok {
		return false
	}
	return e.Code.Is(want) || want == ErrNotFound && e.saysNotFound()
}

// saysNotFound recognizes the classic methods that have no code for a missing record, only this
// text (docs/protocol.md 3.3).
func (e *Error) saysNotFound() bool {
	return e.Code == "" && strings.EqualFold(strings.TrimRight(e.Description, ". "), "not found")
}

// outcome relies on the code first, then on the status.
func (e *Error) outcome() Outcome {
	switch ran := e.Code.known().ran; {
	case e.maybe, ran == mayHaveRun:
		return OutcomeUnknown
	case ran == didNotRun, e.Status < http.StatusInternalServerError:
		return OutcomeRefused
	default:
		return OutcomeUnknown
	}
}

// TransportError reports that there is no answer from the portal: the request did not get through,
// or the answer is not the portal's (a proxy's page, a truncated answer). Its text and its chain
// contain no address and no secret.
type TransportError struct {
	// Method is the called method, and RequestID is the id of the request.
	Method, RequestID string
	// Status is the HTTP status code of the answer, or 0 if there was none.
	Status int
	// ContentType is the content type of the answer; empty if there was none.
	ContentType string
	// Snippet is the beginning of the answer's body, at most 200 characters, secrets masked.
	Snippet string
	// Attempts is the number of attempts, including those that sent nothing.
	Attempts int
	// Err is the reason. It matches [context.Canceled] or [context.DeadlineExceeded] if the context
	// or [WithTimeout] ended the call.
	Err error

	step       string
	known      Outcome // its outcome
	began      bool    // a success answer had begun, so the portal had finished
	reads      bool    // nothing can have been changed: a file was downloaded
	retryAfter time.Duration
}

const mayHave = "the portal may have executed the call"

// Error returns the step at which the call failed, and whether the portal may have executed it.
func (e *TransportError) Error() string { return textOf(e) }

func (e *TransportError) speak() (about, says string) {
	var b strings.Builder
	if e.step != "" {
		b.WriteString(e.step + ": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	}
	if e.Status != 0 {
		b.WriteString(" (status " + strconv.Itoa(e.Status))
		if e.ContentType != "" {
			b.WriteString(", " + e.ContentType)
		}
		b.WriteString(")")
	}
	if e.Snippet != "" {
		b.WriteString(": " + strconv.Quote(e.Snippet))
	}
	if !e.reads {
		b.WriteString("; " + e.known.words())
	}
	return e.Method + ": ", oneLine(b.String())
}

func (e *TransportError) outcome() Outcome { return e.known }

// Unwrap returns Err.
func (e *TransportError) Unwrap() error { return e.Err }

// RedirectError is the Err of a [TransportError] if the portal answered with a redirect that does
// not mean a renamed portal, nor the same address with a slash at its end: it leads to another
// page, has no host, uses plain http, or is the second one in the same call. The call was not
// executed, and the secret was not sent on.
type RedirectError struct {
	// Status is the HTTP status code, 300 to 399; 0 in a browser, which hides it.
	Status int
	// Origin is the scheme and host of the redirect: "https://new.bitrix24.com". It is empty if the
	// redirect does not name a host, and in a browser.
	Origin string

	own  bool           // it leads to the address of the call
	next func() *target // address to repeat the call at; nil: none
}

// Error names the new host. It does not state an outcome: the [TransportError] has that of all
// attempts.
func (e *RedirectError) Error() string {
	switch {
	case e.Status == 0:
		return "the portal redirects, and the browser hides the target; if the portal was renamed, create the client with its new address"
	case e.own:
		return "the portal redirects to itself, perhaps to a login page or a notice"
	case e.Origin == "":
		return "the portal redirects without naming a host"
	}
	return "the portal redirects to " + e.Origin + "; if that is its new address, create the client with it"
}

// ParamsError reports which parameter of a call cannot be sent. Nothing was sent. It matches
// [ErrInvalidParams].
type ParamsError struct {
	// Method is the called method.
	Method string
	// Param is the path of the parameter, "fields.OPPORTUNITY"; empty if the parameters as a whole
	// are wrong.
	Param string
	// Problem is the reason.
	Problem string
	// Err is the underlying error, if there is one.
	Err error
}

// Error names the parameter and the reason, never a value.
func (e *ParamsError) Error() string { return textOf(e) }

func (e *ParamsError) speak() (about, says string) {
	if e.Method != "" {
		about = e.Method + ": "
	}
	said := []string{"invalid parameters"}
	for _, part := range []string{e.Param, e.Problem} {
		if part != "" {
			said = append(said, part)
		}
	}
	return about, oneLine(strings.Join(said, ": ") + "; nothing was sent")
}

// outcome ignores Err, which may be the error of another call, made while a parameter was encoded.
func (*ParamsError) outcome() Outcome { return OutcomeNotSent }

// Is reports whether target is [ErrInvalidParams].
func (e *ParamsError) Is(target error) bool { return target == ErrInvalidParams }

// Unwrap returns Err.
func (e *ParamsError) Unwrap() error { return e.Err }

// WebhookURLProblem describes what is wrong with the address of a webhook.
type WebhookURLProblem string

// Problems of a webhook's address.
const (
	// WebhookURLEmpty: there is no address.
	WebhookURLEmpty WebhookURLProblem = "it is empty"
	// WebhookURLInvalid: it is not a URL with a scheme and a host.
	WebhookURLInvalid WebhookURLProblem = "it is not a complete URL"
	// WebhookURLNotHTTPS: the scheme is not https. http is allowed only for loopback (or with
	// [WithInsecureHTTP]), because it would expose the secret to the network.
	WebhookURLNotHTTPS WebhookURLProblem = "it is not https"
	// WebhookURLUserID: the user id is not a number from 1 to 9223372036854775807.
	WebhookURLUserID WebhookURLProblem = "the user id is not a positive number"
	// WebhookURLShortSecret: the secret has fewer than 6 characters. Portals create secrets of 16
	// characters. The client masks its secret in every text. A secret of a few characters occurs by
	// chance in ordinary words: masking it would make errors unreadable and change error codes, and
	// not masking it would reveal it.
	WebhookURLShortSecret WebhookURLProblem = "the secret is shorter than 6 characters, and a portal's has 16"
	// WebhookURLSecret: the secret is missing, or contains characters that no webhook's secret has.
	WebhookURLSecret WebhookURLProblem = "the secret is missing or contains characters that no webhook's secret has"
	// WebhookURLMalformed: the path is not that of a webhook.
	WebhookURLMalformed WebhookURLProblem = "its path is not /rest/<user id>/<secret>/"
)

// WebhookURLError reports what is wrong with the address of a webhook. It contains no part of the
// address. It matches [ErrInvalidWebhookURL].
type WebhookURLError struct {
	// Problem is what is wrong.
	Problem WebhookURLProblem
}

// Error returns the problem and the form that an address must have.
func (e *WebhookURLError) Error() string {
	return ErrInvalidWebhookURL.Error() + ": " + string(e.Problem) +
		"; expected https://<host>/rest/<user id>/<secret>/ or https://<host>/rest/api/<user id>/<secret>/"
}

// Is reports whether target is [ErrInvalidWebhookURL].
func (e *WebhookURLError) Is(target error) bool { return target == ErrInvalidWebhookURL }

func (*WebhookURLError) outcome() Outcome { return OutcomeNotSent }

// methodError adds the method to an error of this package.
type methodError struct {
	method string
	err    error
}

func (e *methodError) Error() string {
	if e.method == "" {
		return e.err.Error()
	}
	return ours + e.method + ": " + inner(e.err)
}

func (e *methodError) speak() (about, says string) {
	if e.method == "" {
		return parts(e.err)
	}
	return e.method + ": ", inner(e.err)
}

// Unwrap returns the error without the method.
func (e *methodError) Unwrap() error { return e.err }

func (e *methodError) outcome() Outcome { return OutcomeOf(e.err) }

// waitError reports that a wait was not started.
type waitError struct{ wait time.Duration }

func (e *waitError) Error() string {
	return "the deadline is earlier than the repeat, which is due in " + e.wait.Round(time.Millisecond).String()
}

// Is reports whether target is [context.DeadlineExceeded], which the wait would have ended with.
func (e *waitError) Is(target error) bool { return target == context.DeadlineExceeded }

// stoppedError is the failure of the last attempt, with the reason why there was no further one.
type stoppedError struct{ last, reason error }

func (e *stoppedError) Error() string { return e.last.Error() + e.why() }

func (e *stoppedError) speak() (about, says string) {
	about, says = parts(e.last)
	return about, says + e.why()
}

func (e *stoppedError) why() string { return "; not repeated: " + e.reason.Error() }

// Unwrap returns both, the failure of the attempt first.
func (e *stoppedError) Unwrap() []error { return []error{e.last, e.reason} }

// outcome is that of the attempt, because the reason may be the error of another call.
func (e *stoppedError) outcome() Outcome { return OutcomeOf(e.last) }

// Outcome is what is known about the effect of a failed call at the portal.
type Outcome int

// Outcomes of a failed call.
const (
	// OutcomeUnknown: the portal may have executed the call.
	OutcomeUnknown Outcome = iota
	// OutcomeNotSent: nothing was sent.
	OutcomeNotSent
	// OutcomeRefused: the portal answered that it did not execute the call.
	OutcomeRefused
)

// String names the outcome: "unknown", "not sent", "refused".
func (o Outcome) String() string {
	switch o {
	case OutcomeNotSent:
		return "not sent"
	case OutcomeRefused:
		return "refused"
	default:
		return "unknown"
	}
}

func (o Outcome) words() string {
	switch o {
	case OutcomeNotSent:
		return "nothing was sent"
	case OutcomeRefused:
		return "the call was not executed"
	default:
		return mayHave
	}
}

// OutcomeOf returns what err, an error of this package, reports about the effect at the portal. For
// any other error, and for nil, it returns [OutcomeUnknown].
func OutcomeOf(err error) Outcome {
	if e, ok := errors.AsType[interface {
		error
		outcome() Outcome
	}](err); ok {
		return e.outcome()
	}
	return OutcomeUnknown
}

// MayHaveExecuted reports whether the portal may have executed the call that ended with err. It is
// true for nil. If it is false, a repeat cannot be a duplicate.
func MayHaveExecuted(err error) bool { return OutcomeOf(err) == OutcomeUnknown }

// unsure returns err as an error whose call may have been executed.
func unsure(err error) error {
	switch e := err.(type) { //nolint:errorlint // the error of an attempt is not wrapped
	case *Error:
		own := *e // a copy, because a log or a trace may hold the original
		own.maybe = true
		return &own
	case *TransportError:
		own := *e
		own.known = OutcomeUnknown
		return &own
	case *stoppedError:
		return &stoppedError{last: unsure(e.last), reason: e.reason}
	default:
		return err
	}
}
