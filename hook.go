package b24

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/b24go/b24/internal/redact"
)

// Hook calls a portal through an inbound webhook. NewHook or FromWebhookURL
// makes one. It is safe for concurrent use: make one for a portal and keep it.
type Hook struct {
	caller

	webhook webhook
}

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
	c := newClient(w.target(w.origin, false), w.credential(), cfg, secrets)
	return &Hook{caller: caller{c: hide(c), dialect: classic{}, name: "b24.Hook"}, webhook: w}, nil
}

// IsInit reports whether the client can be used: true until Close.
func (h *Hook) IsInit() bool { return !h.c().closed.Load() }

// Auth returns the authorisation.
func (h *Hook) Auth() Auth { return &hookAuth{h.webhook} }

// TargetOrigin returns the portal's origin: https://your_domain.bitrix24.com. It
// changes where a call finds the portal renamed (protocol.md 1.3).
func (h *Hook) TargetOrigin() string { return h.c().target.Load().origin }

// TargetOriginWithPath returns the webhook's address without a slash at the
// end: https://your_domain.bitrix24.com/rest/1/xxx. It holds the secret.
func (h *Hook) TargetOriginWithPath() string {
	return strings.TrimSuffix(h.c().target.Load().methods(h.dialect), "/")
}

// SetLogger sets the logger; nil makes the client silent again, as it is at
// first. It is safe while calls run and reaches every part. Records carry
// method, request id, attempt, status and duration; parameters and answers only
// at LevelPayload, secrets masked. A handler that fails or panics does not fail
// a call.
func (h *Hook) SetLogger(l *slog.Logger) { h.c().log.set(l) }

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

// Close ends the client: later calls and calls that wait return an error that
// matches ErrClosed, requests under way go on to their end. Connections of the client's own Transport
// are closed: the idle ones now, the others with the last call. It is idempotent and returns nil.
func (h *Hook) Close() error {
	h.c().close()
	return nil
}
