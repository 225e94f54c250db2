package b24

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/b24go/b24/internal/redact"
)

// Hook calls a portal through an inbound webhook. [NewHook] and [FromWebhookURL] create one. It is
// safe for concurrent use: create one per portal and reuse it.
type Hook struct {
	caller

	webhook webhook
}

// HookParams holds the parts of a webhook.
type HookParams struct {
	// URL is the portal's address without a slash at the end: "https://your_domain.bitrix24.com",
	// or the host alone. http is upgraded to https, except on loopback.
	URL string
	// UserID is the id of the user that the webhook acts for. It must be positive.
	UserID int64
	// Secret is the webhook's secret: at least 6 characters, each a letter, a digit, - or _. A
	// shorter one could not be masked everywhere; see [WebhookURLShortSecret].
	Secret Secret
}

var _ Client = (*Hook)(nil)

// NewHook creates a client from the parts of a webhook. It sends nothing. If a part is missing or
// wrong, the error matches [ErrInvalidWebhookURL]. All bad options are reported at once. No error
// contains a secret. Call [Hook.Close] if you do not reuse the client.
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

// FromWebhookURL creates a client from the address of a webhook as the portal shows it,
// https://host/rest/<user id>/<secret>/. The method of the portal's example may follow, and the
// form of REST 3.0 works too. Plain http is allowed on loopback only; see [WithInsecureHTTP]. A
// secret of fewer than 6 characters is refused; see [WebhookURLShortSecret]. FromWebhookURL sends
// nothing. If the address is wrong, the error is a [*WebhookURLError], which never contains the
// address. Call [Hook.Close] if you do not reuse the client.
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

// IsInit reports whether the client can be used. It is true until [Hook.Close].
func (h *Hook) IsInit() bool { return !h.c().closed.Load() }

// Auth returns the authorisation.
func (h *Hook) Auth() Auth { return &hookAuth{h.webhook} }

// TargetOrigin returns the portal's origin: https://your_domain.bitrix24.com. It changes when a
// call finds that the portal was renamed.
func (h *Hook) TargetOrigin() string { return h.c().target.Load().origin }

// TargetOriginWithPath returns the webhook's address without a slash at the end:
// https://your_domain.bitrix24.com/rest/1/xxx. It contains the secret.
func (h *Hook) TargetOriginWithPath() string {
	return strings.TrimSuffix(h.c().target.Load().methods(h.dialect), "/")
}

// SetLogger sets the logger. nil makes the client silent, which is the default. It is safe to call
// while calls run. Records carry method, request id, attempt, status and duration; parameters and
// answers are logged only at [LevelPayload], with secrets masked. A handler that fails or panics
// does not fail a call.
func (h *Hook) SetLogger(l *slog.Logger) { h.c().log.set(l) }

// HTTPClient returns a copy of the HTTP client that sends the calls. It does not know the webhook's
// address and follows no redirect. net/http keeps earlier requests in buffers, which a dump by
// reflection shows.
func (h *Hook) HTTPClient() *http.Client {
	own := *h.c().http
	return &own
}

// OffClientSideWarning switches off the warning that a program built for a browser (GOOS=js) gives
// at its first call: a webhook's secret must not ship to a browser. Elsewhere it does nothing. In a
// browser, calls use the Fetch API; see [WithHTTPClient]. A renamed portal is an error there,
// because a browser hides its new address. Writes of REST 3.0 work only from the portal's own
// origin, because the portal allows the header Idempotency-Key for no other.
func (h *Hook) OffClientSideWarning() { h.c().clientSide.off() }

// Close ends the client. Later calls and waiting calls return an error that matches [ErrClosed];
// requests in flight run to their end. Connections of the library's own Transport are closed: idle
// ones now, the others after the last call. Close is idempotent and returns nil.
func (h *Hook) Close() error {
	h.c().close()
	return nil
}
