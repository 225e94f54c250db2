package b24

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"

	"github.com/b24go/b24/internal/door"
)

// caller is what all clients have in common: one portal and one version of its API.
type caller struct {
	c       hidden
	dialect dialect
	name    string // of the exported type, for String
}

// hidden is a client in a closure, which a dump does not follow: net/http keeps what it sent and
// received in its buffers, including the address with the secret.
type hidden func() *client

func hide(c *client) hidden { return func() *client { return c } }

// CallMethod calls one REST method. See [V3] for the differences in REST 3.0.
//
// params is an object: [Params], a struct, [Ordered], a [json.RawMessage]; nil means no parameters.
// The positional methods task.* take a slice instead. params is encoded once by the rules of
// encoding/json and is not modified. If params contains a name that the portal removes before the
// method sees it (auth, token, state, ...), a number that JSON does not have, or anything else that
// cannot be sent, the error is a [*ParamsError], and nothing is sent.
//
// If the answer has the key `error`, whatever its status, the error is an [*Error]. If there is no
// answer, or it is not the portal's, the error is a [*TransportError]. [OutcomeOf] reports for each
// whether the portal may have executed the call. The package comment says what is repeated. After
// [Hook.Close], the error matches [ErrClosed]. If ctx has ended, it matches ctx's error.
func (a *caller) CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error) {
	return a.c().call(ctx, a.dialect, method, params, opts)
}

// CallBatch calls up to 50 methods in one request, in the order of the [Commands], [NamedCommands]
// or [*Batch]. It stops at the first failure unless [WithHaltOnError] is false; what ran before is
// not undone.
//
// If a command fails, the result is returned together with a [*BatchError]: nothing that ran is
// lost, and each row says how its command ended. An error without a result means that nothing was
// sent: an empty batch, more than 50 commands, or a command that cannot be sent. A batch carries
// text only. It therefore cannot carry null, true, false, an empty list or object, or text that the
// portal would take for a reference, such as "$result[x]". [Hook.CallBatchByChunk] sends such a
// command as a separate call.
//
// If the portal refuses commands because of its limits, the client waits and sends only those that
// did not run. A batch whose answer was lost is repeated only if all its commands are known to
// read, or with [WithIdempotent]; otherwise the outcome of every command is [OutcomeUnknown].
func (a *caller) CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return a.c().callBatch(ctx, a.dialect, calls, opts)
}

// CallBatchByChunk calls any number of methods in batches of up to 50, several at once with
// [WithConcurrency]. Results come in the order of the commands. Without commands, the result is
// empty. Commands that refer to each other stay in one batch. A command that a batch cannot carry
// is sent as a separate call, in its place.
//
// It stops at the first failure unless [WithHaltOnError] is false: batches in flight continue, and
// no further one is sent. Errors are those of [Hook.CallBatch]. A slow batch makes the next ones
// smaller, because a portal ends a request after 60 s.
func (a *caller) CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return a.c().callBatchByChunk(ctx, a.dialect, calls, opts)
}

// FetchListMethod reads all rows of a list method, page by page. Nothing is sent before you range
// over the result. Each range reads from the beginning, and leaving the loop ends the reading. The
// list is complete or ends with a [*ListError]: a page that failed, does not continue the previous
// one, or shows that the method ignores its parameters is never taken for the end. Rows share
// memory with their answer.
//
// The client chooses how to read according to what it knows of the method: by id in batches of up
// to 50 pages (2,500 rows per request), page by page, or by offset if there is no usable id.
// [WithPaging] overrides the choice, and [WithReport] reports it. The caller's filter is kept,
// including a bound on the id. If the caller's order is not by id, the list is read by offset.
// [WithConcurrency] reads several ranges of ids at once. The client learns an unknown method from
// its first page. If it cannot, the error says which option to pass.
func (a *caller) FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	return a.c().fetchList(ctx, a.dialect, method, params, opts)
}

// CallListMethod reads all rows of a list method into memory, as [Hook.FetchListMethod] does page
// by page. On an error, the result has the rows before it.
func (a *caller) CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error) {
	return a.c().callList(ctx, a.dialect, method, params, opts)
}

// Transfers is for package file: the types of its parameter and its result are internal. Call the
// functions of that package instead.
func (a *caller) Transfers(key door.Key) door.Transfers {
	if !key.Fits() {
		return nil
	}
	return &transfers{c: a.c, dialect: a.dialect}
}

// Stats returns a copy of the counts since the client was created or [Hook.ResetStats] was called.
func (a *caller) Stats() Stats { return a.c().stats.snapshot() }

// ResetStats sets all counts to 0.
func (a *caller) ResetStats() { a.c().stats.reset() }

// Budget returns what this process knows of the portal's request budget. It sends nothing and asks
// no store. With your own [Limiter], it is zero.
func (a *caller) Budget() Budget { return a.c().limits.budget() }

// Logger returns the logger, never nil.
func (a *caller) Logger() *slog.Logger { return a.c().log.get() }

// String returns the type and the portal's origin.
func (a *caller) String() string { return a.name + "(" + a.c().shownOrigin() + ")" }

// Format writes what [Hook.String] returns, for every verb.
func (a *caller) Format(f fmt.State, _ rune) { write(f, a.String()) }
