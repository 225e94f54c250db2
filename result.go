package b24

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/b24go/b24/internal/codec"
	"github.com/b24go/b24/internal/redact"
)

// AjaxResult is the answer to one call. It is safe for concurrent use; what it returns must not be
// modified. A nil or zero AjaxResult is empty: its methods return zero values, and [AjaxResult.Err]
// says so. No dump of it shows the answer or the request.
type AjaxResult struct { //nolint:recvcheck // Format is for copies, too, which must not show what they hold
	of func() *answer // a closure: a dump does not follow it
}

// there returns the answer behind r, or an empty one.
func (r *AjaxResult) there() *answer {
	if r == nil || r.of == nil {
		return new(query).answered(answer{err: errNoAnswer})
	}
	return r.of()
}

// Raw returns the member `result` exactly as sent, or nil if the answer has none. A null result is
// the text null.
func (r *AjaxResult) Raw() json.RawMessage { return r.there().env.Result }

// Body returns the whole answer as sent. An OpenAPI document has no `result`; Body contains it.
func (r *AjaxResult) Body() json.RawMessage { return r.there().body }

// Decode decodes `result` into v by the rules of encoding/json. If the answer has no `result`, or
// `result` has members but no field of the struct that v points to, the error matches
// [ErrNoResult].
func (r *AjaxResult) Decode(v any) error { return r.there().decode(v, nil) }

// Total returns the number of all rows, if the portal sent one. It is meaningless after a start of
// [NoCount], and some methods send -1.
func (r *AjaxResult) Total() (int, bool) {
	total := r.there().env.Total
	return total.N, total.OK
}

// Next returns the start of the next page. ok is false on the last page.
func (r *AjaxResult) Next() (start int, ok bool) {
	next := r.there().env.Next
	return next.N, next.OK
}

// IsMore reports whether there is a next page.
func (r *AjaxResult) IsMore() bool { return r.there().env.Next.OK }

// FetchNext calls the same method with the same parameters for the next page. After the last page
// the error matches [ErrNoMorePages], and nothing is sent. r does not change. Rows added or deleted
// between two pages shift the later ones; use [List] to read all rows.
func (r *AjaxResult) FetchNext(ctx context.Context) (*AjaxResult, error) {
	return r.there().fetchNext(ctx)
}

// Time returns the portal's own timing. Every part is optional; if all are missing, it is the zero
// [Timing].
func (r *AjaxResult) Time() Timing { return r.there().time() }

// Status returns the HTTP status code.
func (r *AjaxResult) Status() int { return r.there().status }

// Replayed reports whether the portal executed the call earlier under the same Idempotency-Key and
// repeats its answer (REST 3.0).
func (r *AjaxResult) Replayed() bool { return r.there().query.replayed }

// Query returns the request.
func (r *AjaxResult) Query() Query {
	a := r.there()
	return Query{Name: a.query.name, Method: a.query.method, Params: bytes.Clone(a.query.body), RequestID: a.query.requestID, secrets: a.secrets()}
}

// Err returns the failure of a batch's row, and nil otherwise. If r is nil or zero, it matches
// [ErrNoResult], and its outcome is [OutcomeUnknown]: the error returned with r says what is known.
func (r *AjaxResult) Err() error { return r.there().err }

// IsSuccess reports whether [AjaxResult.Err] returns nil.
func (r *AjaxResult) IsSuccess() bool { return r.Err() == nil }

// Format writes method and status, never the contents of the answer.
func (r AjaxResult) Format(f fmt.State, _ rune) {
	if r.of == nil || r.of().query.method == "" {
		write(f, "b24.AjaxResult(none)")
		return
	}
	a := r.of()
	write(f, "b24.AjaxResult("+a.query.method+", status "+strconv.Itoa(a.status)+")")
}

// Query describes a request. It formats, logs and marshals with the secrets in its parameters
// masked: the webhook's anywhere, and others by their names and places. It is not meant to be
// decoded again.
type Query struct {
	// Name is the name of the command in a batch or stream; empty if it has none, and for a single
	// call.
	Name string
	// Method is the called method.
	Method string
	// Params is the body as sent, unmasked. If the command was not sent, each [Ref] in it is a
	// placeholder of the client.
	Params json.RawMessage
	// RequestID is the id of the request; empty if nothing was sent.
	RequestID string

	secrets *redact.Secrets
}

// Format writes name, method, parameters and request id, with secrets masked.
func (q Query) Format(f fmt.State, _ rune) { write(f, q.text()) }

func (q Query) text() string {
	name := ""
	if q.Name != "" {
		name = strconv.Quote(q.secrets.Text(q.Name)) + " "
	}
	return name + q.secrets.Text(q.Method) + " " + string(q.secrets.JSON(q.Params)) + " (" + q.secrets.Text(q.RequestID) + ")"
}

// MarshalText returns what [Query.Format] writes.
func (q Query) MarshalText() ([]byte, error) { return []byte(q.text()), nil }

// GobEncode returns what [Query.Format] writes.
func (q Query) GobEncode() ([]byte, error) { return q.MarshalText() }

// MarshalJSON returns the query as an object, with secrets masked.
func (q Query) MarshalJSON() ([]byte, error) {
	masked := struct {
		Name      string          `json:"name,omitempty"`
		Method    string          `json:"method"`
		Params    json.RawMessage `json:"params"`
		RequestID string          `json:"requestId"`
	}{q.secrets.Text(q.Name), q.secrets.Text(q.Method), q.secrets.JSON(q.Params), q.secrets.Text(q.RequestID)}
	return json.Marshal(masked)
}

// LogValue returns the query as a group, with secrets masked.
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

// Result holds the data and the errors of a call with many parts. A nil *Result has no data and one
// error.
type Result[T any] struct {
	data func() T // a closure: a dump does not follow it
	errs []error
}

// Data returns the data; after an error, the data read before it.
func (r *Result[T]) Data() T {
	if r == nil || r.data == nil {
		var zero T
		return zero
	}
	return r.data()
}

// all returns the errors. A nil result has one: that it is missing.
func (r *Result[T]) all() []error {
	if r == nil {
		return []error{errNoAnswer}
	}
	return r.errs
}

// Err returns all errors as one, or nil if there are none.
func (r *Result[T]) Err() error {
	errs := r.all()
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// Errors returns the errors.
func (r *Result[T]) Errors() []error { return append([]error(nil), r.all()...) }

// ErrorMessages returns the texts of the errors.
func (r *Result[T]) ErrorMessages() []string {
	errs := r.all()
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return texts
}

// Format writes the number of errors, never the data.
func (r Result[T]) Format(f fmt.State, _ rune) {
	write(f, "b24.Result("+strconv.Itoa(len(r.errs))+" errors)")
}

// IsSuccess reports whether there is no error.
func (r *Result[T]) IsSuccess() bool { return len(r.all()) == 0 }

// Timing is the portal's own timing of a call. Every part is optional: portals differ by build and
// by plan.
type Timing struct {
	// Start and Finish are the portal's clock. Newer builds cut Start to whole seconds.
	Start, Finish Null[time.Time]
	// Duration is Finish minus Start, and so up to 1 s too long in newer builds.
	Duration Null[time.Duration]
	// Processing is the time of the method itself.
	Processing Null[time.Duration]
	// DateStart and DateFinish are Start and Finish in the portal's time zone.
	DateStart, DateFinish Null[DateTime]
	// Operating is the time the method used in the last 10 minutes.
	Operating Null[time.Duration]
	// OperatingResetAt is when a part of Operating expires.
	OperatingResetAt Null[time.Time]
}

// parseTiming ignores members that are not as expected.
func parseTiming(raw []byte) Timing {
	var t struct {
		Start            Null[Float]    `json:"start"`
		Finish           Null[Float]    `json:"finish"`
		Duration         Null[Float]    `json:"duration"`
		Processing       Null[Float]    `json:"processing"`
		DateStart        Null[DateTime] `json:"date_start"`
		DateFinish       Null[DateTime] `json:"date_finish"`
		Operating        Null[Float]    `json:"operating"`
		OperatingResetAt Null[Float]    `json:"operating_reset_at"`
	}
	if raw == nil {
		return Timing{}
	}
	_ = codec.Unmarshal(raw, &t) // decodes what it can
	return Timing{
		Start: instant(t.Start), Finish: instant(t.Finish),
		Duration: seconds(t.Duration), Processing: seconds(t.Processing),
		DateStart: t.DateStart, DateFinish: t.DateFinish,
		Operating: seconds(t.Operating), OperatingResetAt: instant(t.OperatingResetAt),
	}
}

func seconds(s Null[Float]) Null[time.Duration] {
	if !s.Valid || !inRange(float64(s.V)) {
		return Null[time.Duration]{}
	}
	return NullOf(time.Duration(math.Round(float64(s.V) * float64(time.Second))))
}

func instant(s Null[Float]) Null[time.Time] {
	if !s.Valid || !inRange(float64(s.V)) {
		return Null[time.Time]{}
	}
	whole, part := math.Modf(float64(s.V))
	const micro = 1e6 // a float64 of today's seconds is not more precise
	return NullOf(time.Unix(int64(whole), int64(math.Round(part*micro))*int64(time.Microsecond)).UTC())
}

// inRange reports whether a number of seconds fits a Duration.
func inRange(s float64) bool { return math.Abs(s) < float64(math.MaxInt64)/float64(time.Second) }
