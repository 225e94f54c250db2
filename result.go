package b24

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/redact"
)

// AjaxResult is the answer to one call. It is safe for concurrent use; what it
// returns must not be changed. One that is nil or zero is no answer: its methods return
// nothing, and its Err says so.
type AjaxResult struct { //nolint:recvcheck // Format is for copies, too, which must not show what they hold
	client *client
	query  *query
	env    envelope.Envelope
	body   []byte
	status int
	err    error // of a batch's command

	replayed bool
}

// there returns r, or one with nothing in it.
func (r *AjaxResult) there() *AjaxResult {
	if r == nil || r.query == nil {
		return &AjaxResult{query: new(query), err: errNoAnswer}
	}
	return r
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
func (r *AjaxResult) Decode(v any) error { return r.decode(v, nil) }

func (r *AjaxResult) decode(v any, path []string) error {
	if err := r.Err(); err != nil {
		return err
	}
	raw, err := r.part(path)
	if err != nil {
		return &methodError{method: r.query.method, err: err}
	}
	if err := decodeInto(raw, v); err != nil {
		return &methodError{
			method: r.query.method,
			err:    fmt.Errorf("decode %s: %w", r.place(append([]string{"result"}, path...)), r.secrets().Error(err)),
		}
	}
	return nil
}

// part returns what path leads to.
func (r *AjaxResult) part(path []string) ([]byte, error) {
	if r.env.Result == nil {
		return nil, fmt.Errorf("%w: there is no member result, see Body", ErrNoResult)
	}
	raw := r.env.Result
	for i, name := range path {
		inner, names, err := envelope.Member(raw, name)
		if err != nil {
			return nil, err
		}
		if inner == nil {
			return nil, fmt.Errorf("%w: %s is not in it, only %s", ErrNoResult, r.place(path[:i+1]), listed(names, r.secrets()))
		}
		raw = inner
	}
	return raw, nil
}

// place names a part of the result for an error.
func (r *AjaxResult) place(path []string) string {
	return r.secrets().Text(strings.Join(path, "."))
}

// secrets are what the answer is masked by; nil without a client.
func (r *AjaxResult) secrets() *redact.Secrets {
	if r.client == nil {
		return nil
	}
	return r.client.secrets
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

// Total returns the number of all rows, if the portal sent one. It means
// nothing after WithStart(NoCount), and some methods send -1 (protocol.md 3.1).
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
func (r *AjaxResult) IsMore() bool {
	_, ok := r.Next()
	return ok
}

// FetchNext calls the same method with the same parameters for the next page.
// After the last page the error matches ErrNoMorePages and nothing is sent. r
// stays as it is. Rows that are added or deleted meanwhile shift the pages
// (protocol.md 13, trap 23).
func (r *AjaxResult) FetchNext(ctx context.Context) (*AjaxResult, error) {
	if !r.IsMore() {
		return nil, &methodError{method: r.there().query.method, err: ErrNoMorePages}
	}
	if hasRef(r.query.body) {
		return nil, strayRef(r.query.method)
	}
	if r.query.api == apiV3 { // which has no start to ask with
		return nil, &methodError{method: r.query.method, err: ErrNoMorePages}
	}
	q, err := r.client.next(r.query, r.env.Next.N)
	if err != nil {
		return nil, err
	}
	return r.client.do(ctx, q)
}

// Time returns the portal's own timing. Every part is optional; without any it
// is the zero Timing.
func (r *AjaxResult) Time() Timing { return parseTiming(r.there().env.Time) }

// Status returns the HTTP status code.
func (r *AjaxResult) Status() int { return r.there().status }

// Replayed reports whether the portal had executed the call before, under the same
// Idempotency-Key, and repeats its answer (REST 3.0; protocol.md 9.8).
func (r *AjaxResult) Replayed() bool { return r.there().replayed }

// Query returns what was asked.
func (r *AjaxResult) Query() Query {
	at := r.there()
	return Query{Method: at.query.method, Params: bytes.Clone(at.query.body), RequestID: at.query.requestID, secrets: at.secrets()}
}

// Err returns a batch row's own failure; nil otherwise. Where r is no answer it matches
// ErrNoResult, and OutcomeOf it is OutcomeUnknown: what is known stands in the error that came
// in its place.
func (r *AjaxResult) Err() error { return r.there().err }

// IsSuccess reports whether Err is nil.
func (r *AjaxResult) IsSuccess() bool { return r.Err() == nil }

// Format writes method and status, and not what the answer holds.
func (r AjaxResult) Format(f fmt.State, _ rune) {
	if r.query == nil || r.query.method == "" {
		write(f, "b24.AjaxResult(none)")
		return
	}
	write(f, "b24.AjaxResult("+r.query.method+", status "+strconv.Itoa(r.status)+")")
}

// Query is what was asked. It formats, logs and marshals with the secrets among its parameters masked: the
// webhook's, whatever stands around it, and others by their names and places. It is not meant to be decoded again.
type Query struct {
	// Method is the method called.
	Method string
	// Params is the body as sent, and not masked. In that of a command that was not sent, a text of the
	// client's own stands for a Ref.
	Params json.RawMessage
	// RequestID is the id the call travelled under; empty where nothing was sent.
	RequestID string

	secrets *redact.Secrets
}

// Format writes method, parameters and request id, secrets masked.
func (q Query) Format(f fmt.State, _ rune) { write(f, q.text()) }

func (q Query) text() string {
	return q.secrets.Text(q.Method) + " " + string(q.secrets.JSON(q.Params)) + " (" + q.secrets.Text(q.RequestID) + ")"
}

// MarshalText returns what Format writes.
func (q Query) MarshalText() ([]byte, error) { return []byte(q.text()), nil }

// GobEncode returns what Format writes.
func (q Query) GobEncode() ([]byte, error) { return q.MarshalText() }

// MarshalJSON returns the query as an object, secrets masked.
func (q Query) MarshalJSON() ([]byte, error) {
	masked := struct {
		Method    string          `json:"method"`
		Params    json.RawMessage `json:"params"`
		RequestID string          `json:"requestId"`
	}{q.secrets.Text(q.Method), q.secrets.JSON(q.Params), q.secrets.Text(q.RequestID)}
	return json.Marshal(masked)
}

// LogValue returns the query as a group, secrets masked.
func (q Query) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("method", q.secrets.Text(q.Method)),
		slog.String("params", string(q.secrets.JSON(q.Params))),
		slog.String("request_id", q.secrets.Text(q.RequestID)),
	)
}
