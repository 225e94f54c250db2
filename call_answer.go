package b24

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/redact"
	"github.com/b24go/b24/internal/transport"
)

// answer is how a query ended.
type answer struct {
	client *client
	query  *query
	env    envelope.Envelope
	body   []byte
	status int
	err    error // of a batch's command

	shown AjaxResult // what the caller gets
}

// answered keeps the answer to q, in the memory of q.
func (q *query) answered(a answer) *answer {
	a.query = q
	q.answer = a
	return &q.answer
}

// result is what the caller gets.
func (a *answer) result() *AjaxResult {
	a.shown.of = func() *answer { return a }
	return &a.shown
}

func result(a *answer, err error) (*AjaxResult, error) {
	if err != nil {
		return nil, err
	}
	return a.result(), nil
}

func (a *answer) time() Timing { return parseTiming(a.env.Time) }

// fetchNext is AjaxResult.FetchNext.
func (a *answer) fetchNext(ctx context.Context) (*AjaxResult, error) {
	if !a.env.Next.OK {
		return nil, &methodError{method: a.query.method, err: ErrNoMorePages}
	}
	if hasRef(a.query.body) {
		return nil, strayRef(a.query.method)
	}
	if !a.query.dialect.turns() {
		return nil, &methodError{method: a.query.method, err: ErrNoMorePages}
	}
	q, err := a.client.next(a.query, a.env.Next.N)
	if err != nil {
		return nil, err
	}
	return result(a.client.do(ctx, q))
}

func (a *answer) decode(v any, path []string) error {
	if a.err != nil {
		return a.err
	}
	raw, err := a.part(path)
	if err != nil {
		return &methodError{method: a.query.method, err: err}
	}
	if err := decodeInto(raw, v); err != nil {
		return &methodError{
			method: a.query.method,
			err:    fmt.Errorf("decode %s: %w", a.place(append([]string{"result"}, path...)), a.secrets().Error(err)),
		}
	}
	return nil
}

// part returns what path leads to.
func (a *answer) part(path []string) ([]byte, error) {
	if a.env.Result == nil {
		return nil, detailed(ErrNoResult, ": there is no member result, see Body")
	}
	raw := a.env.Result
	for i, name := range path {
		inner, names, err := envelope.Member(raw, name)
		if err != nil {
			return nil, err
		}
		if inner == nil {
			return nil, detailed(ErrNoResult, ": "+a.place(path[:i+1])+" is not in it, only "+listed(names, a.secrets()))
		}
		raw = inner
	}
	return raw, nil
}

// place names a part of the result for an error.
func (a *answer) place(path []string) string {
	return a.secrets().Text(strings.Join(path, "."))
}

// secrets are what the answer is masked by; nil without a client.
func (a *answer) secrets() *redact.Secrets {
	if a.client == nil {
		return nil
	}
	return a.client.secrets
}

// listed names the members that are there, for an error.
func listed(names []string, secrets *redact.Secrets) string {
	const most, longest = 10, 60
	if len(names) == 0 {
		return "nothing"
	}
	shown := make([]string, 0, most+1)
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, secrets.Snippet([]byte(name), longest))
	}
	if len(names) > most {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}

// stepAnswer is the step of a TransportError whose answer came whole.
const stepAnswer = "answer"

// snippetLimit bounds the piece of a body in an error, in characters.
const snippetLimit = 200

// failure is an answer with the key `error`.
func (c *client) failure(q *query, a transport.Answer, f *envelope.Failure) error {
	e := &Error{
		Code: Code(c.said(f.Code)), Description: c.said(f.Description), Argument: c.said(f.Argument),
		Status: a.Status, Method: q.method, RequestID: q.requestID, Attempts: q.attempts,
		retryAfter: retryAfter(a.Header, time.Now()),
	}
	const most = 100
	for _, row := range f.Fields[:min(len(f.Fields), most)] {
		e.Validation = append(e.Validation, FieldError{Field: c.said(row.Name), Message: c.said(row.Message)})
	}
	return e
}

// said is a text of the portal's, without secrets, and without end only if it is short.
func (c *client) said(text string) string {
	const longest = 4000
	if len(text) <= longest {
		return c.secrets.Text(text)
	}
	return c.secrets.Snippet([]byte(text), longest)
}

// unreadable is an answer that is none of the REST API.
func (c *client) unreadable(q *query, a transport.Answer, why error) error {
	reason := fmt.Errorf("%w: %w", ErrBadResponse, why)
	if e, ok := errors.AsType[*envelope.Error](why); ok {
		reason = fmt.Errorf("%w: %s", ErrBadResponse, e.Err.Error())
	}
	return &TransportError{
		Method: q.method, RequestID: q.requestID, Attempts: q.attempts, step: stepAnswer, Err: reason,
		retryAfter: retryAfter(a.Header, time.Now()),
		Status:     a.Status, ContentType: c.contentType(a.Header), Snippet: c.secrets.Snippet(a.Body, snippetLimit),
		began: success(a.Status) && bytes.HasPrefix(bytes.TrimLeft(a.Body, "\ufeff \t\r\n"), []byte("{")),
	}
}

func success(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}

// redirected is an answer that points elsewhere. It comes before the portal's
// PHP runs, so nothing was executed (docs/protocol.md 1.3).
func (c *client) redirected(q *query, a transport.Answer) error {
	to := c.pointsTo(q, a.Location)
	e := &RedirectError{Status: a.Status, Origin: c.secrets.Text(to.origin), own: to.own}
	if to.target != nil {
		e.next = func() *target { return to.target } // which no dump follows
	}
	return &TransportError{
		Method: q.method, RequestID: q.requestID, Attempts: q.attempts, step: "redirect", Err: e,
		Status: a.Status, ContentType: c.contentType(a.Header), known: OutcomeRefused,
	}
}

// lost is a request without an answer.
func (c *client) lost(q *query, te *transport.Error) error {
	e := &TransportError{
		Method: q.method, RequestID: q.requestID, Attempts: q.attempts, step: te.Step,
		Err: c.secrets.Error(te.Err), Status: te.Status, ContentType: c.secrets.Text(te.ContentType), began: success(te.Status),
	}
	if te.NotSent {
		e.known = OutcomeNotSent
	}
	return e
}

func (c *client) contentType(h http.Header) string {
	const longest = 100
	return c.secrets.Snippet([]byte(h.Get("Content-Type")), longest)
}

// replayed reads the header by which REST 3.0 says that it executed a call before.
func replayed(h http.Header) bool {
	yes, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(h.Get("Idempotent-Replayed"))))
	return err == nil && yes
}

// derivedID returns the id of a further page: fresh, or the caller's with the
// page's number behind it.
func (c *client) derivedID(q *query) string {
	if q.callerID == "" {
		return c.ids.Next()
	}
	return q.callerID + "-" + strconv.Itoa(int(q.page)+1)
}

// statusOf returns the HTTP status an attempt ended with; 0: no answer.
func statusOf(r *answer, err error) int {
	if err == nil {
		return r.status
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e.Status
	}
	return 0
}
