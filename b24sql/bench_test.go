package b24sql_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// BenchmarkUpdate measures what taking from a shared budget costs, beside a store in memory.
func BenchmarkUpdate(b *testing.B) {
	b.Run("memory", func(b *testing.B) { updates(b, b24.MemoryStore()) })
	each(b, updates)
}

// BenchmarkCall measures what a shared budget adds to a call.
func BenchmarkCall(b *testing.B) {
	b.Run("no store", func(b *testing.B) { calls(b, nil) })
	b.Run("memory", func(b *testing.B) { calls(b, b24.MemoryStore()) })
	each(b, calls)
}

// each measures all engines.
func each(b *testing.B, measured func(b *testing.B, store b24.Store)) {
	b.Helper()
	for name, open := range map[string]func(tb testing.TB) engine{
		"postgres": postgres,
		"mysql":    func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "") },
		"mysql, one trip": func(tb testing.TB) engine {
			tb.Helper()
			return mysql(tb, "interpolateParams=true")
		},
		"sqlite": func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal) },
	} {
		b.Run(name, func(b *testing.B) { measured(b, open(b).migrated(b).store(b)) })
	}
}

func updates(b *testing.B, store b24.Store) {
	b.Helper()
	for b.Loop() {
		require.NoError(b, add(b.Context(), store, "n", time.Hour, new(atomic.Int64)))
	}
}

// quick answers each request at once.
type quick struct{}

func (quick) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(`{"result":1}`)),
	}, nil
}

// calls measures calls with a store, nil: without one. The portal takes no time and has no limit
// that they reach.
func calls(b *testing.B, store b24.Store) {
	b.Helper()
	const most = 1e9
	opts := []b24.Option{b24.WithHTTPClient(&http.Client{Transport: quick{}}), b24.WithRateLimit(most, most)}
	if store != nil {
		opts = append(opts, b24.WithStore(store))
	}
	h, err := b24.FromWebhookURL("https://quick.example/rest/1/b24testsecret0001/", opts...)
	require.NoError(b, err)
	for b.Loop() {
		_, err := h.CallMethod(b.Context(), "server.time", nil)
		require.NoError(b, err)
	}
}
