package b24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"strings"

	"github.com/b24go/b24/internal/redact"
)

// Hook calls a portal through an inbound webhook. NewHook or FromWebhookURL
// makes one. It is safe for concurrent use: make one for a portal and keep it.
type Hook struct{ c hidden }

// hidden is a client in a closure. A dump does not follow it: net/http keeps what it sent and got in
// its buffers, the address with the secret too.
type hidden func() *client

func hide(c *client) hidden { return func() *client { return c } }

// HookParams are the parts of a webhook.
type HookParams struct {
	// URL is the portal's address without a slash at the end:
	// "https://your_domain.bitrix24.com", or the host alone. http is taken for
	// https, but on loopback.
	URL string
	// UserID is the id of the user the webhook acts for; positive.
	UserID int64
	// Secret is the webhook's secret: letters, digits, - and _, at least 6 of them, because a shorter one could
	// not be masked wherever it stands (see WebhookURLShortSecret).
	Secret Secret
}

var _ Client = (*Hook)(nil)

// NewHook makes a client from the parts of a webhook. It sends nothing. The
// error matches ErrInvalidWebhookURL where a part is missing or wrong; it
// reports all bad options at once, and never repeats a secret. Close ends a client that
// is not kept.
func NewHook(params HookParams, opts ...Option) (*Hook, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	w, err := webhookFromParts(params, cfg)
	if err != nil {
		return nil, err
	}
	return newHook(w, cfg)
}

// FromWebhookURL makes a client from the address of a webhook as the portal
// shows it, https://host/rest/<user id>/<secret>/, with or without the method
// of the example behind it, in the form of REST 3.0 too. Plain http is for
// loopback only, see WithInsecureHTTP. A secret of fewer than 6 characters is refused, see
// WebhookURLShortSecret. It sends nothing. The error is a
// *WebhookURLError where the address is at fault; it never repeats the address. Close
// ends a client that is not kept.
func FromWebhookURL(webhookURL string, opts ...Option) (*Hook, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	w, err := parseWebhook(webhookURL, cfg)
	if err != nil {
		return nil, err
	}
	return newHook(w, cfg)
}

func newHook(w webhook, cfg config) (*Hook, error) {
	secrets := redact.New(w.secret.Reveal())
	if secrets.InName(cfg.userAgent) {
		return nil, errors.New("b24: option: user agent: " + wouldShow)
	}
	return &Hook{c: hide(newClient(w, cfg, secrets))}, nil
}

// IsInit reports whether the client can be used: true until Close.
func (h *Hook) IsInit() bool { return !h.c().closed.Load() }

// Auth returns the authorisation.
func (h *Hook) Auth() Auth { return &hookAuth{h.c().webhook} }

// TargetOrigin returns the portal's origin: https://your_domain.bitrix24.com. It
// changes where a call finds the portal renamed (protocol.md 1.3).
func (h *Hook) TargetOrigin() string { return h.c().target.Load().origin }

// TargetOriginWithPath returns the webhook's address without a slash at the
// end: https://your_domain.bitrix24.com/rest/1/xxx. It holds the secret.
func (h *Hook) TargetOriginWithPath() string {
	return strings.TrimSuffix(h.c().target.Load().base(classic{}), "/")
}

// SetLogger sets the logger; nil makes the client silent again, as it is at
// first. It is safe while calls run and reaches every part. Records carry
// method, request id, attempt, status and duration; parameters and answers only
// at LevelPayload, secrets masked. A handler that fails or panics does not fail
// a call.
func (h *Hook) SetLogger(l *slog.Logger) { h.c().log.set(l) }

// Logger returns the logger, never nil.
func (h *Hook) Logger() *slog.Logger { return h.c().log.get() }

// HTTPClient returns a copy of the HTTP client the calls go through. It does
// not know the webhook: addresses are the caller's. It follows no redirect. net/http keeps
// earlier requests in buffers that a dump by reflection shows.
func (h *Hook) HTTPClient() *http.Client {
	own := *h.c().http
	return &own
}

// OffClientSideWarning switches off the warning that a program built for a
// browser (GOOS=js) gives at its first call: a webhook's secret must not ship
// to a browser. Elsewhere it does nothing. There, calls go through the Fetch API, see
// WithHTTPClient; a renamed portal is an error, because a browser does not tell its new
// address, and writes of REST 3.0 reach a portal only from its own origin, because it
// allows no other the header Idempotency-Key.
func (h *Hook) OffClientSideWarning() { h.c().clientSide.off() }

// Stats returns a copy of the counts since the client was made or ResetStats
// was called.
func (h *Hook) Stats() Stats { return h.c().stats.snapshot() }

// ResetStats sets all counts to 0.
func (h *Hook) ResetStats() { h.c().stats.reset() }

// Close ends the client: later calls and calls that wait return an error that
// matches ErrClosed, requests under way go on to their end. Connections of the client's own Transport
// are closed: the idle ones now, the others with the last call. It is idempotent and returns nil.
func (h *Hook) Close() error {
	h.c().close()
	return nil
}

// String returns the type and the portal's origin.
func (h *Hook) String() string { return "b24.Hook(" + h.c().shownOrigin() + ")" }

// Format writes what String returns, for every verb.
func (h *Hook) Format(f fmt.State, _ rune) { write(f, h.String()) }

// CallMethod calls one REST method.
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
func (h *Hook) CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error) {
	return h.c().call(ctx, classic{}, method, params, opts)
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
func (h *Hook) CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return h.c().callBatch(ctx, classic{}, calls, opts)
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
func (h *Hook) CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error) {
	return h.c().callBatchByChunk(ctx, classic{}, calls, opts)
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
func (h *Hook) FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error] {
	return h.c().fetchList(ctx, classic{}, method, params, opts)
}

// CallListMethod reads all rows of a list method, as FetchListMethod does, into
// memory. With an error comes the result with the rows before it.
func (h *Hook) CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error) {
	return h.c().callList(ctx, classic{}, method, params, opts)
}
