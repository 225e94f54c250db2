package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

// The levels of a process are measured: these tests do not run beside others.

func TestSoak(t *testing.T) { //nolint:paralleltest // see above
	file := filepath.Join(t.TempDir(), "soak.md")
	var out, usage bytes.Buffer

	code := run(t.Context(), []string{"-ops", "120", "-round", "60", "-seed", "1", "-workers", "8", "-report", file}, &out, &usage)

	assert.Equal(t, exitHolds, code, out.String())
	assert.Empty(t, usage.String())
	saved, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, out.String(), string(saved))
	for _, part := range []string{
		"| Command | `go run ./internal/cmd/soak -ops 120 -round 60 -seed 1 -workers 8 -report " + file + "` |", "| Seed | 1 |",
		"\n| Revision | " + revision(t.Context()) + " |\n", "more writes made than found", "nothing was sent for it", "The three sites are",
		"| Operations | 120 |", "| Rounds | 2 |", "| writes executed twice | 0 |", "## Levels", "\n| all | ", "## Faults",
	} {
		assert.Contains(t, out.String(), part)
	}
	// Which operations and faults come depends on who is quick; one of the most frequent is among them.
	assert.Regexp(t, `\n\| (crm\.deal\.add|crm\.item\.add|crm\.company\.get|v3 tasks\.task\.add) \| \d+ \| \d+ \| \d+ \| \d+ \|\n`, out.String())
	assert.Regexp(t, `\n\| (reset before|reset after|delay|delayed answer) \| \d+ \| \d+ \| \d+ \|\n`, out.String())
}

func TestSoakThatIsInterrupted(t *testing.T) { //nolint:paralleltest // see above
	ctx, cancel := context.WithCancel(t.Context())
	s := newSoak(config{duration: time.Hour, round: 1 << 40, seed: 1, workers: 4, patience: 5 * time.Second})
	var requests atomic.Int64
	open(t, s, func(_ *site, base http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if requests.Add(1) == 50 {
				cancel()
			}
			return base.RoundTrip(r)
		})
	})

	require.NoError(t, s.soak(ctx))

	require.NoError(t, s.close(t.Context(), nil))
	assert.Equal(t, 1, s.rounds)
	assert.Zero(t, s.found.total(), s.found.examples)
}

func TestSoakThatIsInterruptedBeforeItBegins(t *testing.T) { //nolint:paralleltest // see above
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer

	code := run(ctx, []string{"-for", "1h"}, &out, io.Discard)

	assert.Equal(t, exitHolds, code, out.String())
	assert.Contains(t, out.String(), "| Rounds | 0 |")
}

func TestFlagsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-for", "x"}, {"-for", "-1s"}, {"-ops", "-1"}, {"-round", "0"}, {"-workers", "0"}, {"-unknown"}} {
		var out, usage bytes.Buffer
		assert.Equal(t, exitFailed, run(t.Context(), args, &out, &usage), args)
		assert.Empty(t, out.String(), args)
		assert.NotEmpty(t, usage.String(), args)
	}
}

// open opens the sites of s, with clients whose transport is another one.
func open(t *testing.T, s *soak, other func(site *site, base http.RoundTripper) http.RoundTripper) {
	t.Helper()
	s.idle = measure(0)
	require.NoError(t, s.open(t.Context()))
	for _, site := range s.sites {
		site.dialer = &http.Client{Transport: site.transport()}
		site.client = append(site.client, b24.WithHTTPClient(&http.Client{Transport: other(site, site.dialer.Transport)}))
		for _, h := range site.hooks {
			require.NoError(t, h.Close())
		}
		require.NoError(t, site.open())
	}
}

// sabotaged soaks with clients whose transport is broken until done. Which operations
// run is left to chance, so it takes as many rounds as it takes; there is no chance that
// so many are not enough.
func sabotaged(t *testing.T, done func(s *soak) bool, broken func(site *site, base http.RoundTripper) http.RoundTripper) *soak {
	t.Helper()
	const rounds, perRound = 100, 60
	s := newSoak(config{round: perRound, workers: 4, patience: 300 * time.Millisecond})
	open(t, s, broken)
	for i := 0; i < rounds && !done(s); i++ {
		s.seed, s.config.ops = uint64(i), s.config.ops+perRound
		require.NoError(t, s.soak(t.Context()))
	}
	require.NoError(t, s.close(t.Context(), nil))
	return s
}

func finds(what invariant) func(s *soak) bool {
	return func(s *soak) bool { return s.found.count(what) > 0 }
}

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSoakFindsWritesThatAreSentTwice(t *testing.T) { //nolint:paralleltest // see above
	s := sabotaged(t, finds(doubled), func(_ *site, base http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if again := r.Clone(r.Context()); strings.HasSuffix(r.URL.Path, "crm.deal.add") {
				again.Body, _ = r.GetBody()
				if resp, err := base.RoundTrip(again); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			}
			return base.RoundTrip(r)
		})
	})
	assert.Positive(t, s.found.count(doubled), s.found.examples)
}

func TestSoakFindsRowsThatAreTakenAway(t *testing.T) { //nolint:paralleltest // see above
	s := sabotaged(t, finds(rowsLost), func(_ *site, base http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "main.eventlog.tail") {
				resp.Body = withoutARow(resp.Body)
				resp.ContentLength = -1
			}
			return resp, err
		})
	})
	assert.Positive(t, s.found.count(rowsLost), s.found.examples)
}

// withoutARow is an answer without its second row.
func withoutARow(body io.ReadCloser) io.ReadCloser {
	defer body.Close()
	all, _ := io.ReadAll(body)
	var answer struct {
		Result struct {
			Items []json.RawMessage `json:"items"`
		} `json:"result"`
	}
	if json.Unmarshal(all, &answer) != nil || len(answer.Result.Items) < 2 {
		return io.NopCloser(bytes.NewReader(all))
	}
	answer.Result.Items = append(answer.Result.Items[:1], answer.Result.Items[2:]...)
	less, err := json.Marshal(answer)
	if err != nil {
		return io.NopCloser(bytes.NewReader(all))
	}
	return io.NopCloser(bytes.NewReader(less))
}

func TestSoakFindsAnswersThatAreInvented(t *testing.T) { //nolint:paralleltest // see above
	s := sabotaged(t, finds(unexecuted), func(_ *site, base http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "crm.item.add") {
				return base.RoundTrip(r)
			}
			_ = r.Body.Close()
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
				Body: io.NopCloser(strings.NewReader(`{"result":{"item":{"id":1}},"time":{}}`)), ContentLength: -1,
			}, nil
		})
	})
	assert.Positive(t, s.found.count(unexecuted), s.found.examples)
}

func TestSoakFindsConnectionsThatStayOpen(t *testing.T) { //nolint:paralleltest // see above
	var held []io.Closer
	var used atomic.Bool
	s := sabotaged(t, func(*soak) bool { return used.Load() }, func(site *site, base http.RoundTripper) http.RoundTripper {
		own := site.transport() // nobody closes its idle connections
		held = append(held, closer(own.CloseIdleConnections))
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "crm.company.get") {
				used.Store(true)
				return own.RoundTrip(r)
			}
			return base.RoundTrip(r)
		})
	})
	assert.Positive(t, s.found.count(notFlat), s.found.examples)
	for _, c := range held {
		require.NoError(t, c.Close())
	}
}

type closer func()

func (c closer) Close() error { c(); return nil }
