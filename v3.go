package b24

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
)

// V3 calls REST 3.0 of the portal, under /rest/api/. It has the methods of a [Hook] and shares
// limits, counts, logger and [Hook.Close] with it. It is safe for concurrent use.
//
// A call that writes carries its own Idempotency-Key, the same in all its attempts, so a call whose
// answer was lost is repeated and still executed once. [WithIdempotencyKey] sets your own key.
// Methods known to read carry none.
//
// This is only as exact as the portal, which stores an answer only after the call has succeeded. A
// call answered with an error, with a page or with nothing (PHP may have died) is therefore not
// repeated, because it might run again. After a broken connection or a timeout, the repeat waits
// until 60 s after the attempt began, the longest time that a portal works
// ([RetryPolicy.LongestCall]), because two attempts at the same time might both be executed. If the
// context ends first, the outcome is unknown; with your own key, you can make the call again later.
//
// Parameters are always an object, and the parameter start does not exist. A batch stops at the
// first failure, whatever [WithHaltOnError] says. The portal then answers with this one error only,
// which shows neither the command that failed nor those that ran before it. The outcome of each
// command is therefore [OutcomeUnknown], and nothing is repeated, not even after a refusal because
// of the operating time. There are two exceptions: no command before the last one writes, or the
// error always comes before the first command (a refused request rate or key, a method that does
// not exist). A batch carries no Idempotency-Key. If writes must be exact, use
// [V3.CallBatchByChunk] with [WithSingleCalls]: each command is then a separate call with its own
// answer, and a write has its own key.
//
// References ([Pending.Ref]) start inside `item` or `items` of an earlier command's result:
// Ref("id"), Ref(0, "id"). An object with a member $ref or $refArray among the parameters is an
// error that matches [ErrInvalidParams], because the portal would take it for a reference;
// [V3.CallBatchByChunk] sends such a command as a separate call.
//
// The portal may silently reduce the requested page size. A page below the requested size therefore
// does not end a list; an empty page, or one shorter than those before, does. Methods whose answer
// has a cursor for the next page, such as note.collection.list, are read by that cursor; see
// [ListMethod] for methods that the client does not know.
type V3 struct{ caller }

var _ Client = (*V3)(nil)

// V3 returns the client of the same portal for REST 3.0.
func (h *Hook) V3() *V3 { return &V3{caller{c: h.c, dialect: rest3{}, name: "b24.V3"}} }

// FetchTail reads the rows of a *.tail method page by page, from the first row, or from
// [WithResume], to the current end. It pages by id: with any other field, rows with equal values
// would be skipped.
func (v *V3) FetchTail(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	if !strings.HasSuffix(strings.ToLower(method), ".tail") {
		return func(yield func([]json.RawMessage, error) bool) {
			yield(nil, &ParamsError{Method: v.c().secrets.Text(method), Problem: "a tail is a method whose name ends in .tail; FetchListMethod reads others"})
		}
	}
	return v.c().fetchList(ctx, v.dialect, method, params, opts)
}
