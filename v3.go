package b24

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// V3 calls the portal's REST 3.0, under /rest/api/: the methods of a Hook over the
// newer API, where a portal has them (protocol.md 9.9). It shares limits, counts,
// logger and Close with its Hook. It is safe for concurrent use.
//
// A call that writes carries an Idempotency-Key of its own, the same one with the
// same bytes in all its attempts, so that one whose answer was lost is repeated
// and yet executed once; WithIdempotencyKey gives the caller's own. Methods known to
// read carry none.
//
// It is as exact as the portal (docs/protocol.md 9.8), which stores the answer of a
// call that succeeded, once it is over. So a call that it answered with an error, or
// with a page or nothing, as where PHP died, is not repeated, for it might run again.
// One whose connection broke, or that ended with a timeout, is repeated once 60 s are
// over since it began, the longest a portal works (RetryPolicy.LongestCall): two
// attempts at once might both be executed. Where the context ends before, the outcome
// is unknown; with a key of the caller's own the call can be made again later.
type V3 struct{ c hidden }

var _ Client = (*V3)(nil)

// V3 returns the client of the same portal for REST 3.0.
func (h *Hook) V3() *V3 { return &V3{c: h.c} }

// CallMethod calls one method of REST 3.0. It is Hook.CallMethod but for this: the
// parameters are always an object, there is no start, and a write whose answer was
// lost is repeated under its Idempotency-Key.
func (v *V3) CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error) {
	return v.c().call(ctx, apiV3, method, params, opts)
}

// CallBatch calls up to 50 methods of REST 3.0 in one request. The portal stops at
// the first failure, whatever WithHaltOnError says, and then answers with this one
// error alone (protocol.md 9.7): which command failed and what ran before is not
// told. So each command's outcome is OutcomeUnknown and nothing is repeated, also after
// a refusal for the operating time, unless no command before the last one writes or the
// error is one that comes before the first: a refused request rate or key, a method that
// does not exist. A batch carries no Idempotency-Key. Where writes must be exact, use
// CallBatchByChunk with WithSingleCalls.
//
// References (Pending.Ref) lead into the content of `item` or `items` of an earlier
// command's result: Ref("id"), Ref(0, "id"). An object with the member $ref or $refArray
// among the parameters, which the portal would take for one, is an error that matches
// ErrInvalidParams; CallBatchByChunk sends such a command as a call of its own.
func (v *V3) CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return v.c().callBatch(ctx, apiV3, calls, opts)
}

// CallBatchByChunk calls any number of methods of REST 3.0, in batches of up to 50.
// With WithSingleCalls each is a call of its own, slower and exact: it has its own
// answer, and a write its own Idempotency-Key.
func (v *V3) CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return v.c().callBatchByChunk(ctx, apiV3, calls, opts)
}

// CallListMethod reads all rows of a list method of REST 3.0 into memory. See
// Hook.CallListMethod.
func (v *V3) CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error) {
	return v.c().callList(ctx, apiV3, method, params, opts)
}

// FetchListMethod reads all rows of a list method of REST 3.0, page by page. A page
// that the portal cuts short without a word (protocol.md 9.5) does not end it: the
// list ends with an empty page, or one shorter than those before. Methods whose
// answer names a cursor for the next page, as note.collection.list does, are read
// by it; see [ListMethod] for those that are not known. See
// Hook.FetchListMethod.
func (v *V3) FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	return v.c().fetchList(ctx, apiV3, method, params, opts)
}

// FetchTail reads the rows of a method that takes a cursor, *.tail, page by page,
// from the first row or where WithResume says, to the end that it finds. It goes by
// id, for equal values of another field would be skipped (protocol.md 9.5).
func (v *V3) FetchTail(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	if !strings.HasSuffix(strings.ToLower(method), ".tail") {
		return func(yield func([]json.RawMessage, error) bool) {
			yield(nil, &ParamsError{Method: v.c().secrets.Text(method), Problem: "a tail is a method whose name ends in .tail; FetchListMethod reads others"})
		}
	}
	return v.c().fetchList(ctx, apiV3, method, params, opts)
}

// String returns the type and the portal's origin.
func (v *V3) String() string { return "b24.V3(" + v.c().shownOrigin() + ")" }

// Format writes what String returns, for every verb.
func (v *V3) Format(f fmt.State, _ rune) { write(f, v.String()) }
