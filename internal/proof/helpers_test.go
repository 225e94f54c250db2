package proof_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// marker is a secret that occurs nowhere by chance.
const marker = "s3cr3tmarker7x"

// A method that reads, and one that writes.
const (
	reads  = "crm.deal.get"
	writes = "crm.deal.add"
)

// size is how much a proof covers: a sample, or what the environment variable B24_PROOF asks for: "full" as the gate
// does, which takes two minutes without -race, or "long".
func size(sample, full, long int) int {
	switch os.Getenv("B24_PROOF") {
	case "full":
		return full
	case "long":
		return long
	default:
		return sample
	}
}

// newPortal starts a portal in memory and a client for it.
func newPortal(t *testing.T, opts ...b24.Option) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
	return p, newHook(t, p, opts...)
}

func newHook(t *testing.T, p *b24test.Portal, opts ...b24.Option) *b24.Hook {
	t.Helper()
	h, err := b24.FromWebhookURL(p.WebhookURL(), append([]b24.Option{b24.WithHTTPClient(p.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// answers makes method answer with v.
func answers(p *b24test.Portal, method string, v any) {
	p.Handle(method, func(b24test.Request) (any, error) { return v, nil })
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int, h http.Header, text string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}

type row struct {
	ID    b24.ID `json:"ID"`
	Title string `json:"TITLE"`
}

// owner names a record to methods that ask whose rows they list.
func owner(kind, id int) b24.Params { return b24.Params{"OWNER_TYPE_ID": kind, "OWNER_ID": id} }

// logSink is a slog.Handler that keeps what it gets as text.
type logSink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *logSink) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *logSink) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

func (r *logSink) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: level}))
}
