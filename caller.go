package b24

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
)

// caller is what all clients have in common: one version of the API, spoken with one portal.
type caller struct {
	c       hidden
	dialect dialect
	name    string // of the type, for a text
}

// hidden is a client in a closure. A dump does not follow it: net/http keeps what it sent and got in
// its buffers, the address with the secret too.
type hidden func() *client

func hide(c *client) hidden { return func() *client { return c } }

// CallMethod calls one REST method. For what differs in REST 3.0 see V3.
//
// params is an object: Params, a struct, Ordered, a json.RawMessage; nil stands
// for no parameters. The positional methods task.* take a slice instead
// (protocol.md 2.3). It is encoded once by the rules of encoding/json and not
// changed. Names the portal takes away before the method sees them (auth,
// token, state, ...; protocol.md 2.1), numbers that JSON does not have and
// whatever else cannot be sent are a *ParamsError, and nothing is sent.
//
// The answer is a failure where it has the key `error`, whatever its status
// says: a *Error. No answer, or one that is not the portal's, is a
// *TransportError. OutcomeOf tells for each whether the portal may have executed
// the call; what is repeated and what is not stands in the package comment.
// After Close the error matches ErrClosed; where ctx is over, it matches the
// error of ctx.
func (a *caller) CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error) {
	return a.c().call(ctx, a.dialect, method, params, opts)
}

// CallBatch calls up to 50 methods in one request: Commands, NamedCommands or a
// *Batch, in their order. It stops at the first failure unless
// WithHaltOnError(false) is given; what ran before is not undone.
//
// Where a command fails, the result is returned together with a *BatchError:
// nothing that ran is thrown away, and each row tells how its command ended. An
// error without a result means that nothing was sent: an empty batch, more than 50
// commands, or a command that cannot be sent. To those belong, because a batch
// carries text only, parameters with null, with an empty list or object, and with
// text that the portal would take for a reference, like "$result[x]" (protocol.md
// 4.2, 4.6): CallBatchByChunk sends such a command as a call of its own.
//
// Commands that the portal refuses for its limits are waited out, and only what
// did not run is sent again. A batch whose answer was lost is repeated only if
// all its commands are known to read or the caller says WithIdempotent; else the
// outcome of every command is OutcomeUnknown.
func (a *caller) CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return a.c().callBatch(ctx, a.dialect, calls, opts)
}

// CallBatchByChunk calls any number of methods in batches of up to 50, with
// WithConcurrency several at once; results come in the order of the commands. None
// is an empty result.
// Commands that refer to each other stay in one batch. A command that a batch
// cannot carry is sent as a call of its own, in its place.
//
// It stops at the first failure unless WithHaltOnError(false) is given: batches
// under way go on, no further one is sent. Errors are those of CallBatch. A batch
// that takes long makes the next ones smaller, for a portal ends a request after
// 60 s.
func (a *caller) CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return a.c().callBatchByChunk(ctx, a.dialect, calls, opts)
}

// FetchListMethod reads all rows of a list method, page by page. Nothing is sent
// before the range over it, each range reads anew, and leaving the loop ends the
// reading. It is complete, or ends with a *ListError: a page that failed, does not
// go on from the one before, or shows that the method ignores what it was asked,
// is never taken for the end. Rows share memory with the answer they came in.
//
// How it reads is chosen by what is known of the method and told by WithReport: by
// id in batches of up to 50 pages, so 2,500 rows a request, page by page, or by
// offset where there is no id to go by; WithPaging overrides it. The caller's
// filter is kept, a bound on the id in it is heeded. An order of the caller's
// which is not by id makes it read by offset. WithConcurrency reads several ranges
// of ids at once. Methods that the client does not know are learned from their
// first page; what cannot be learned is an error that says which option to give.
func (a *caller) FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	return a.c().fetchList(ctx, a.dialect, method, params, opts)
}

// CallListMethod reads all rows of a list method, as FetchListMethod does, into
// memory. With an error comes the result with the rows before it.
func (a *caller) CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error) {
	return a.c().callList(ctx, a.dialect, method, params, opts)
}

// Stats returns a copy of the counts since the client was made or ResetStats
// was called.
func (a *caller) Stats() Stats { return a.c().stats.snapshot() }

// ResetStats sets all counts to 0.
func (a *caller) ResetStats() { a.c().stats.reset() }

// Logger returns the logger, never nil.
func (a *caller) Logger() *slog.Logger { return a.c().log.get() }

// String returns the type and the portal's origin.
func (a *caller) String() string { return a.name + "(" + a.c().shownOrigin() + ")" }

// Format writes what String returns, for every verb.
func (a *caller) Format(f fmt.State, _ rune) { write(f, a.String()) }
