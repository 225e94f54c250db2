package b24

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/jsonwalk"
	"github.com/b24go/b24/internal/redact"
	"github.com/b24go/b24/internal/transport"
)

// answer is the answer to a query.
type answer struct {
	client *client
	query  *query
	env    envelope.Envelope
	body   []byte
	status int
	err    error // error of a batch's command

	shown AjaxResult // the answer as the caller gets it
}

// answered stores the answer to q in q itself.
func (q *query) answered(a answer) *answer {
	a.query = q
	q.answer = a
	return &q.answer
}

// result returns the answer as the caller gets it.
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

// fetchNext implements AjaxResult.FetchNext.
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
		return &methodError{method: a.query.method, err: detailed(err, executed)}
	}
	if err := decodeInto(raw, v); err != nil {
		return &methodError{
			method: a.query.method,
			err: fmt.Errorf("decode %s: %w%s"+executed,
				a.place(append([]string{"result"}, path...)), a.secrets().Error(err), a.wrapped(raw, v, path)),
		}
	}
	return nil
}

// executed ends an error about an answer that has arrived.
const executed = "; the call was executed"

// wrapped returns the advice for a value that cannot be an object but is inside one, as in
// {"item":{"id":5}}; empty for any other.
func (a *answer) wrapped(raw []byte, v any, path []string) string {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() == reflect.Map || t.Kind() == reflect.Interface || t.Kind() == reflect.Struct && !decodesItself(t) {
		return ""
	}
	found, names := inside(raw)
	switch {
	case len(found) > 0:
		return a.secrets().Text("; the value may be at " + quotedPath(append(slices.Clone(path), found...)))
	case len(names) > 0:
		return "; it is an object with " + listed(names, a.secrets()) + ", name one of them with b24.WithResultKey"
	default:
		return ""
	}
}

func quotedPath(path []string) string {
	quoted := make([]string, len(path))
	for i, name := range path {
		quoted[i] = strconv.Quote(name)
	}
	return "b24.WithResultKey(" + strings.Join(quoted, ", ") + ")"
}

// inside follows the members of objects that have only one, and the id of a record. It also returns
// the names of the members of raw.
func inside(raw []byte) (path, names []string) {
	for {
		var name string
		var value []byte
		n := 0
		jsonwalk.Members(raw, func(quoted, v []byte) bool {
			member := string(quoted[1 : len(quoted)-1])
			if len(path) == 0 {
				names = append(names, member)
			}
			if n++; n == 1 || strings.EqualFold(member, "id") {
				name, value = member, v
			}
			return true
		})
		if n == 0 || n > 1 && !strings.EqualFold(name, "id") {
			return path, names
		}
		path, raw = append(path, name), value
	}
}

// part returns the part of the result at path.
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
			return nil, detailed(ErrNoResult, ": "+a.place(path[:i+1])+" is not in it, "+a.instead(raw, name, names))
		}
		raw = inner
	}
	return raw, nil
}

// instead says what there is where name is not.
func (a *answer) instead(raw []byte, name string, names []string) string {
	if len(names) == 0 && len(raw) > 0 && raw[0] != '{' && raw[0] != '[' {
		return "which is a single value without members"
	}
	says := "only " + listed(names, a.secrets())
	if first, _, dotted := strings.Cut(name, "."); dotted && slices.Contains(names, first) {
		says += "; each name of the path is an argument of its own: " + a.secrets().Text(quotedPath(strings.Split(name, ".")))
	}
	return says
}

// place names a part of the result in an error.
func (a *answer) place(path []string) string {
	return a.secrets().Text(strings.Join(path, "."))
}

// secrets are the secrets to mask in the answer; nil without a client.
func (a *answer) secrets() *redact.Secrets {
	if a.client == nil {
		return nil
	}
	return a.client.secrets
}

// listed formats the existing member names for an error.
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

// stepAnswer is the step of a TransportError whose answer was complete.
const stepAnswer = "answer"

// snippetLimit is the maximum length of the quoted body in an error, in characters.
const snippetLimit = 200

// failure returns the error of an answer with the key `error`.
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

// said returns a text of the portal, masked and shortened.
func (c *client) said(text string) string {
	const longest = 4000
	if len(text) <= longest {
		return c.secrets.Text(text)
	}
	return c.secrets.Snippet([]byte(text), longest)
}

// unreadable returns the error of an answer that is not a REST API answer.
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

// redirected returns the error of a redirect. A redirect comes before the portal's PHP runs, so
// nothing was executed (docs/protocol.md 1.3).
func (c *client) redirected(q *query, a transport.Answer) error {
	to := c.pointsTo(q, a.Location)
	e := &RedirectError{Status: a.Status, Origin: c.secrets.Text(to.origin), own: to.own}
	if to.target != nil {
		e.next = func() *target { return to.target } // a closure, which a dump does not follow
	}
	return &TransportError{
		Method: q.method, RequestID: q.requestID, Attempts: q.attempts, step: "redirect", Err: e,
		Status: a.Status, ContentType: c.contentType(a.Header), known: OutcomeRefused,
	}
}

// lost returns the error of a request without an answer.
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

// replayed reads the header with which REST 3.0 reports that it executed the call earlier.
func replayed(h http.Header) bool {
	yes, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(h.Get("Idempotent-Replayed"))))
	return err == nil && yes
}

// derivedID returns the id for a further page: a new one, or the caller's with the page's number
// appended.
func (c *client) derivedID(q *query) string {
	if q.callerID == "" {
		return c.ids.Next()
	}
	return q.callerID + "-" + strconv.Itoa(int(q.page)+1)
}

// statusOf returns the HTTP status of an attempt; 0: no answer.
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
