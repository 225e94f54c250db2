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
		"| Operations | 120 |", "| Rounds | 2 |", "| writes executed twice | 0 |", "## Levels", "| v3 tasks.task.add | ", "| reset after | ",
	} {
		assert.Contains(t, out.String(), part)
	}
}

func TestSoakThatIsInterrupted(t *testing.T) { //nolint:paralleltest // see above
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	var out bytes.Buffer

	code := run(ctx, []string{"-for", "1h"}, &out, io.Discard)

	assert.Equal(t, exitHolds, code, out.String())
	assert.Contains(t, out.String(), "| Rounds | 1 |")
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

// sabotaged runs ops operations with clients whose transport is broken.
func sabotaged(t *testing.T, ops int64, broken func(site *site, base http.RoundTripper) http.RoundTripper) *soak {
	t.Helper()
	s := newSoak(config{ops: ops, round: ops, seed: 2, workers: 4, patience: 300 * time.Millisecond})
	s.idle = measure(0)
	require.NoError(t, s.open(t.Context()))
	for _, site := range s.sites {
		site.dialer = &http.Client{Transport: site.transport()}
		site.client = append(site.client, b24.WithHTTPClient(&http.Client{Transport: broken(site, site.dialer.Transport)}))
		for _, h := range site.hooks {
			require.NoError(t, h.Close())
		}
		require.NoError(t, site.open())
	}
	require.NoError(t, s.soak(t.Context()))
	require.NoError(t, s.close(t.Context(), nil))
	return s
}

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSoakFindsWritesThatAreSentTwice(t *testing.T) { //nolint:paralleltest // see above
	s := sabotaged(t, 60, func(_ *site, base http.RoundTripper) http.RoundTripper {
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
	s := sabotaged(t, 150, func(_ *site, base http.RoundTripper) http.RoundTripper {
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
	s := sabotaged(t, 60, func(_ *site, base http.RoundTripper) http.RoundTripper {
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
	s := sabotaged(t, 20, func(site *site, base http.RoundTripper) http.RoundTripper {
		own := site.transport() // nobody closes its idle connections
		held = append(held, closer(own.CloseIdleConnections))
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "crm.company.get") {
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
