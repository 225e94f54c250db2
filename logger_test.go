package b24_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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

type badHandler struct{ enabled, handle func() error }

func (h badHandler) Enabled(context.Context, slog.Level) bool {
	return h.enabled() == nil
}
func (h badHandler) Handle(context.Context, slog.Record) error { return h.handle() }
func (h badHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h badHandler) WithGroup(string) slog.Handler             { return h }

func fine() error    { return nil }
func failing() error { return errors.New("disk full") }
func panics() error  { panic("a bug in the sink") }

func TestBadLoggerFailsNoCall(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]slog.Handler{
		"failing":           badHandler{fine, failing},
		"panicking":         badHandler{fine, panics},
		"panicking earlier": badHandler{panics, fine},
	} {
		p, h := newPortal(t, b24.WithLogger(slog.New(handler)))
		answers(p, "profile", true)

		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err, name)

		_, err = h.CallMethod(t.Context(), "unknown", nil)
		assert.ErrorIs(t, err, b24.ErrMethodNotFound, name)
	}
}

func TestOtherSinksStillReceive(t *testing.T) {
	t.Parallel()
	var sink logSink
	both := slog.NewMultiHandler(badHandler{fine, failing}, sink.logger(slog.LevelDebug).Handler())
	p, h := newPortal(t, b24.WithLogger(slog.New(both)))
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", nil)

	require.NoError(t, err)
	assert.Contains(t, sink.String(), "profile")
}

func TestLogRecords(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelDebug).With(slog.String("app", "acme"))))
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", b24.Params{"NAME": "Ann"}, b24.WithRequestID("r-1"))
	require.NoError(t, err)

	lines := strings.Split(strings.TrimSpace(sink.String()), "\n")
	require.Len(t, lines, 1)
	for _, part := range []string{`"level":"DEBUG"`, `"app":"acme"`, `"method":"profile"`, `"request_id":"r-1"`, `"attempt":1`, `"status":200`, `"duration":`} {
		assert.Contains(t, lines[0], part)
	}
	assert.NotContains(t, sink.String(), "Ann") // parameters only where they are asked for
}

func TestFailuresAreWarnings(t *testing.T) {
	t.Parallel()
	var sink logSink
	_, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))

	_, err := h.CallMethod(t.Context(), "unknown", nil)

	require.Error(t, err)
	assert.Contains(t, sink.String(), `"level":"WARN"`)
	assert.Contains(t, sink.String(), `"outcome":"refused"`)
	assert.Contains(t, sink.String(), "ERROR_METHOD_NOT_FOUND")
}

func TestPayloadLevelShowsMaskedParameters(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(b24.LevelPayload)))
	answers(p, "user.add", b24.Params{"ID": 5, "access_token": marker, "inner": b24.Params{"client_secret": marker}})

	_, err := h.CallMethod(t.Context(), "user.add", b24.Params{"NAME": "Ann", "settings": b24.Params{"PASSWORD": marker}})

	require.NoError(t, err)
	assert.Contains(t, sink.String(), "Ann")
	assert.Contains(t, sink.String(), "PASSWORD")
	assert.Contains(t, sink.String(), "client_secret")
	assert.NotContains(t, sink.String(), marker)
}

func TestSetLoggerLater(t *testing.T) {
	t.Parallel()
	var first, second logSink
	p, h := newPortal(t)
	answers(p, "profile", true)
	call := func() {
		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
	}

	call()
	h.SetLogger(first.logger(slog.LevelDebug))
	call()
	h.SetLogger(second.logger(slog.LevelDebug))
	call()
	h.SetLogger(nil)
	call()

	assert.Equal(t, 1, strings.Count(first.String(), "\n"))
	assert.Equal(t, 1, strings.Count(second.String(), "\n"))
	assert.NotNil(t, h.Logger())
	assert.False(t, h.Logger().Enabled(t.Context(), slog.LevelError))
}

func TestSetLoggerWhileCallsRun(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t)
	answers(p, "profile", true)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, err := h.CallMethod(t.Context(), "profile", nil)
				assert.NoError(t, err)
				h.SetLogger(sink.logger(slog.LevelDebug))
			}
		})
	}
	wg.Wait()
}

func TestSilenceByDefault(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	h := newHook(t, p)
	assert.False(t, h.Logger().Enabled(t.Context(), slog.LevelError))
}
