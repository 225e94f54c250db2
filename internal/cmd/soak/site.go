package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/b24go/b24"         //nolint:depguard // it soaks the public API
	"github.com/b24go/b24/b24test" //nolint:depguard // and needs a portal for it
)

// Secrets that must not leak: one of the webhook, and one among the parameters.
const (
	hookSecret  = "soakS3cret-of_the-Hook"      //nolint:gosec // it opens nothing
	paramSecret = "soak p@ss+word/of=params\"9" //nolint:gosec // it opens nothing
)

// site is a portal on a socket with the clients that use it during the whole soak. The portal
// behind the socket is replaced in each round, because a fake portal remembers all requests.
type site struct {
	name     string
	share    int // of all operations
	spoil    *faults
	limits   []b24test.Option
	server   *http.Server
	addr     string
	conns    conns
	requests atomic.Int64
	served   sync.WaitGroup
	stage    atomic.Pointer[stage]
	shut     *stage       // between rounds: accepts no requests
	client   []b24.Option // what all clients of the site have
	dialer   *http.Client // nil: each client has its own transport
	hooks    []*b24.Hook
}

// kindOf is what distinguishes a site from the others. Its share is of all operations: at the
// limited site, workers wait for each other.
type kindOf struct {
	name             string
	share            int
	limited, renamed bool
}

func kinds() []kindOf {
	return []kindOf{{name: "open", share: 5}, {name: "limited", share: 1, limited: true}, {name: "renamed", share: 4, renamed: true}}
}

// newSite opens a site.
func newSite(ctx context.Context, kind kindOf, seed uint64, logs io.Writer) (*site, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &site{name: kind.name, share: kind.share, addr: l.Addr().String()}
	s.spoil = newFaults(seed, setting{guarded: kind.limited, moves: kind.renamed, address: s.address()})
	s.server = &http.Server{
		Handler: s, ConnState: s.conns.note, ReadHeaderTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	portal, err := b24test.Start(b24test.WithMemory()) //nolint:contextcheck // it is closed explicitly, not by a context
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	portal.Close()
	s.shut = &stage{portal: portal}
	s.pause()
	s.served.Go(func() { _ = s.server.Serve(l) })
	s.settle(kind, logs)
	return s, s.open()
}

// pause replaces the portal of the round with one that accepts no requests.
func (s *site) pause() { s.stage.Store(s.shut) }

// settle configures the limits that the portal and the clients of the site apply.
func (s *site) settle(kind kindOf, logs io.Writer) {
	s.client = []b24.Option{
		b24.WithTimeout(attemptTimeout),
		b24.WithRetry(b24.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond}),
		b24.WithLogger(slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if kind.limited {
		s.limits = []b24test.Option{b24test.WithQueryLimit(300, 60)}
		s.client = append(s.client, b24.WithRateLimit(350, 80))
	} else {
		s.client = append(s.client, b24.WithLimiter(unlimited{}), b24.WithOperatingLimit(0))
	}
	if kind.renamed {
		s.dialer = &http.Client{Transport: s.transport()}
		s.client = append(s.client, b24.WithHTTPClient(s.dialer))
	}
}

// open creates the clients: one that logs everything, and one that logs less.
func (s *site) open() error {
	plain, err := s.newHook()
	if err != nil {
		return err
	}
	wordy, err := s.newHook()
	if err != nil {
		return err
	}
	wordy.SetLogger(slog.New(payload{plain.Logger().Handler()}))
	s.hooks = []*b24.Hook{plain, wordy}
	return nil
}

func (s *site) newHook() (*b24.Hook, error) { return b24.FromWebhookURL(s.address(), s.client...) }

func (s *site) address() string { return "http://" + s.addr + "/rest/1/" + hookSecret + "/" }

// transport sends all hosts here, https as well: the bytes are not encrypted, which the client
// cannot notice.
func (s *site) transport() *http.Transport {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, s.addr)
	}
	const idle = 64
	return &http.Transport{DialContext: dial, DialTLSContext: dial, MaxIdleConnsPerHost: idle, IdleConnTimeout: time.Minute}
}

// ServeHTTP applies a fault to a request and passes it to the portal.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller hung up in the middle
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	portal := s.stage.Load().portal
	if fault, ok := s.spoil.request(); ok {
		portal.Fault("*", fault)
	}
	if strings.HasSuffix(r.URL.Path, "/batch") && !strings.Contains(r.URL.Path, "/api/") {
		s.spoilCommands(portal, body)
	}
	portal.ServeHTTP(w, r)
}

// spoilCommands applies faults to some commands of a batch.
func (s *site) spoilCommands(portal *b24test.Portal, body []byte) {
	var there []string
	for _, method := range batchMethods() {
		if bytes.Contains(body, []byte(method)) {
			there = append(there, method)
		}
	}
	if len(there) == 0 {
		return
	}
	const most = 3
	for range most {
		if fault, ok := s.spoil.command(); ok {
			portal.Fault(there[s.spoil.choose(len(there))], fault)
		}
	}
}

// quiet waits until there are no connections: then no request is in flight either.
func (s *site) quiet(ctx context.Context, patience time.Duration) {
	for _, h := range s.hooks {
		h.HTTPClient().CloseIdleConnections()
		h.ResetStats()
	}
	if s.dialer != nil {
		s.dialer.CloseIdleConnections()
	}
	until(ctx, patience, func() bool { return s.conns.open() == 0 })
}

// close closes the clients first, then the socket, then the portal.
func (s *site) close(ctx context.Context, patience time.Duration) error {
	errs := make([]error, 0, len(s.hooks)+1)
	for _, h := range s.hooks {
		errs = append(errs, h.Close())
	}
	if s.dialer != nil {
		s.dialer.CloseIdleConnections()
	}
	until(ctx, patience, func() bool { return s.conns.open() == 0 })
	errs = append(errs, s.server.Close())
	s.served.Wait()
	return errors.Join(errs...)
}

// conns counts open connections.
type conns struct{ n, made atomic.Int64 }

func (c *conns) note(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.n.Add(1)
		c.made.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.n.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

func (c *conns) open() int { return int(c.n.Load()) }

// unlimited is a request budget without a limit.
type unlimited struct{}

// Wait returns at once.
func (unlimited) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("no budget: %w", err)
	}
	return nil
}

// Refused does nothing.
func (unlimited) Refused(time.Duration) {}

// Accepted does nothing.
func (unlimited) Accepted() {}

// payload passes records of any level.
type payload struct{ slog.Handler }

// Enabled reports true for all levels.
func (payload) Enabled(context.Context, slog.Level) bool { return true }
