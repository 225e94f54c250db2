package b24

import (
	"context"
	"encoding/json"
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
//
// Parameters are always an object, and there is no start. A batch stops at the first
// failure, whatever WithHaltOnError says, and the portal then answers with this one
// error alone (docs/protocol.md 9.7): which command failed and what ran before is not
// told. So each command's outcome is OutcomeUnknown and nothing is repeated, also after
// a refusal for the operating time, unless no command before the last one writes or the
// error is one that comes before the first: a refused request rate or key, a method that
// does not exist. A batch carries no Idempotency-Key. Where writes must be exact, use
// CallBatchByChunk with WithSingleCalls: each command is a call of its own, with its own
// answer, and a write with its own key.
//
// References (Pending.Ref) lead into the content of `item` or `items` of an earlier
// command's result: Ref("id"), Ref(0, "id"). An object with the member $ref or $refArray
// among the parameters, which the portal would take for one, is an error that matches
// ErrInvalidParams; CallBatchByChunk sends such a command as a call of its own.
//
// A page that the portal cuts short without a word (docs/protocol.md 9.5) does not end a
// list: it ends with an empty page, or one shorter than those before. Methods whose
// answer names a cursor for the next page, as note.collection.list does, are read by it;
// see ListMethod for those that are not known.
type V3 struct{ caller }

var _ Client = (*V3)(nil)

// V3 returns the client of the same portal for REST 3.0.
func (h *Hook) V3() *V3 { return &V3{caller{c: h.c, dialect: rest3{}, name: "b24.V3"}} }

// FetchTail reads the rows of a method that takes a cursor, *.tail, page by page,
// from the first row or where WithResume says, to the end that it finds. It goes by
// id, for equal values of another field would be skipped (protocol.md 9.5).
func (v *V3) FetchTail(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	if !strings.HasSuffix(strings.ToLower(method), ".tail") {
		return func(yield func([]json.RawMessage, error) bool) {
			yield(nil, &ParamsError{Method: v.c().secrets.Text(method), Problem: "a tail is a method whose name ends in .tail; FetchListMethod reads others"})
		}
	}
	return v.c().fetchList(ctx, v.dialect, method, params, opts)
}
