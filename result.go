package b24

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/b24go/b24/internal/redact"
)

// AjaxResult is the answer to one call. It is safe for concurrent use; what it
// returns must not be changed. One that is nil or zero is no answer: its methods return
// nothing, and its Err says so. No dump of it shows what the portal answered or what was asked.
type AjaxResult struct { //nolint:recvcheck // Format is for copies, too, which must not show what they hold
	of func() *answer // a closure: a dump does not follow it
}

// there returns the answer behind r, or one with nothing in it.
func (r *AjaxResult) there() *answer {
	if r == nil || r.of == nil {
		return new(query).answered(answer{err: errNoAnswer})
	}
	return r.of()
}

// Raw returns the member `result` exactly as sent; nil where the answer has
// none. A result of null is the text null.
func (r *AjaxResult) Raw() json.RawMessage { return r.there().env.Result }

// Body returns the whole answer as sent. An OpenAPI document has no `result`:
// this is where it is (protocol.md 9.1).
func (r *AjaxResult) Body() json.RawMessage { return r.there().body }

// Decode decodes `result` into v by the rules of encoding/json. An answer
// without one is an error that matches [ErrNoResult], and so is one that has members, none of which is
// a field of the struct that v points to.
func (r *AjaxResult) Decode(v any) error { return r.there().decode(v, nil) }

// Total returns the number of all rows, if the portal sent one. It means
// nothing after a start of [NoCount], and some methods send -1 (protocol.md 3.1).
func (r *AjaxResult) Total() (int, bool) {
	total := r.there().env.Total
	return total.N, total.OK
}

// Next returns the start of the next page; false where this is the last.
func (r *AjaxResult) Next() (start int, ok bool) {
	next := r.there().env.Next
	return next.N, next.OK
}

// IsMore reports whether there is a next page.
func (r *AjaxResult) IsMore() bool { return r.there().env.Next.OK }

// FetchNext calls the same method with the same parameters for the next page.
// After the last page the error matches ErrNoMorePages and nothing is sent. r
// stays as it is. Rows that are added or deleted meanwhile shift the pages
// (protocol.md 13, trap 23).
func (r *AjaxResult) FetchNext(ctx context.Context) (*AjaxResult, error) {
	return r.there().fetchNext(ctx)
}

// Time returns the portal's own timing. Every part is optional; without any it
// is the zero Timing.
func (r *AjaxResult) Time() Timing { return r.there().time() }

// Status returns the HTTP status code.
func (r *AjaxResult) Status() int { return r.there().status }

// Replayed reports whether the portal had executed the call before, under the same
// Idempotency-Key, and repeats its answer (REST 3.0; protocol.md 9.8).
func (r *AjaxResult) Replayed() bool { return r.there().query.replayed }

// Query returns what was asked.
func (r *AjaxResult) Query() Query {
	a := r.there()
	return Query{Name: a.query.name, Method: a.query.method, Params: bytes.Clone(a.query.body), RequestID: a.query.requestID, secrets: a.secrets()}
}

// Err returns a batch row's own failure; nil otherwise. Where r is no answer it matches
// ErrNoResult, and OutcomeOf it is OutcomeUnknown: what is known stands in the error that came
// in its place.
func (r *AjaxResult) Err() error { return r.there().err }

// IsSuccess reports whether Err is nil.
func (r *AjaxResult) IsSuccess() bool { return r.Err() == nil }

// Format writes method and status, and not what the answer holds.
func (r AjaxResult) Format(f fmt.State, _ rune) {
	if r.of == nil || r.of().query.method == "" {
		write(f, "b24.AjaxResult(none)")
		return
	}
	a := r.of()
	write(f, "b24.AjaxResult("+a.query.method+", status "+strconv.Itoa(a.status)+")")
}

// Query is what was asked. It formats, logs and marshals with the secrets among its parameters masked: the
// webhook's, whatever stands around it, and others by their names and places. It is not meant to be decoded again.
type Query struct {
	// Name is that of the command of a batch or stream; empty where it has none, and for a call.
	Name string
	// Method is the method called.
	Method string
	// Params is the body as sent, and not masked. In that of a command that was not sent, a text of the
	// client's own stands for a Ref.
	Params json.RawMessage
	// RequestID is the id the call travelled under; empty where nothing was sent.
	RequestID string

	secrets *redact.Secrets
}

// Format writes name, method, parameters and request id, secrets masked.
func (q Query) Format(f fmt.State, _ rune) { write(f, q.text()) }

func (q Query) text() string {
	name := ""
	if q.Name != "" {
		name = strconv.Quote(q.secrets.Text(q.Name)) + " "
	}
	return name + q.secrets.Text(q.Method) + " " + string(q.secrets.JSON(q.Params)) + " (" + q.secrets.Text(q.RequestID) + ")"
}

// MarshalText returns what Format writes.
func (q Query) MarshalText() ([]byte, error) { return []byte(q.text()), nil }

// GobEncode returns what Format writes.
func (q Query) GobEncode() ([]byte, error) { return q.MarshalText() }

// MarshalJSON returns the query as an object, secrets masked.
func (q Query) MarshalJSON() ([]byte, error) {
	masked := struct {
		Name      string          `json:"name,omitempty"`
		Method    string          `json:"method"`
		Params    json.RawMessage `json:"params"`
		RequestID string          `json:"requestId"`
	}{q.secrets.Text(q.Name), q.secrets.Text(q.Method), q.secrets.JSON(q.Params), q.secrets.Text(q.RequestID)}
	return json.Marshal(masked)
}

// LogValue returns the query as a group, secrets masked.
func (q Query) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", q.secrets.Text(q.Method)),
		slog.String("params", string(q.secrets.JSON(q.Params))),
		slog.String("request_id", q.secrets.Text(q.RequestID)),
	}
	if q.Name != "" {
		attrs = append([]slog.Attr{slog.String("name", q.secrets.Text(q.Name))}, attrs...)
	}
	return slog.GroupValue(attrs...)
}
