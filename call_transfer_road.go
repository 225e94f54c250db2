package b24

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

	"github.com/b24go/b24/internal/door"
	"github.com/b24go/b24/internal/transport"
)

// roundTrip sends a request without the client's Jar, Timeout and redirects: a cookie would change
// who asks, a file takes as long as it takes, and redirects have rules of their own.
func (c *client) roundTrip(req *http.Request, to door.Link, way *road) (*http.Response, error) {
	base := cmp.Or[http.RoundTripper](c.http.Transport, http.DefaultTransport) //nolint:forbidigo // the meaning of a nil Transport
	way.free = to.Own || to.Listed || proxied(base, req)
	resp, err := base.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errors.New("the RoundTripper returned neither an answer nor an error")
	case way.refused.Load():
		closeBody(resp)
		return nil, errors.New("the host has an address that is not public")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// proxied reports whether a proxy connects: its address says nothing about the host's.
func proxied(base http.RoundTripper, req *http.Request) bool {
	t, ok := base.(*http.Transport)
	if !ok || t.Proxy == nil {
		return false
	}
	proxy, err := t.Proxy(req)
	return err == nil && proxy != nil
}

// road tracks how far a request comes, and bars it from hosts that are not public. The address is
// judged when there is a connection, and before anything is written to it, because a name may lead
// elsewhere at every look-up.
type road struct {
	free    bool // any address will do
	asked   atomic.Bool
	got     atomic.Bool
	refused atomic.Bool
}

func (w *road) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			if !w.free && !door.PublicConn(info.Conn.RemoteAddr()) {
				w.refused.Store(true)
				_ = info.Conn.Close()
				return
			}
			w.got.Store(true)
		},
	})
}

// unused reports whether there certainly was no connection.
func (w *road) unused() bool { return w.asked.Load() && !w.got.Load() }

// ended returns why a request ended, if its context did.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if stalled, ok := errors.AsType[*door.Stalled](context.Cause(ctx)); ok {
		return stalled
	}
	return transport.Over(ctx)
}

// outgoing is the body of an upload. It counts only the time that the network takes, and lets
// net/http, which may read on for a while, read nothing any more once the upload has returned.
type outgoing struct {
	watch *door.Watch
	size  int64

	mu   sync.Mutex // held while the caller's reader reads
	from io.Reader
	n    atomic.Int64
	read atomic.Bool
	left atomic.Bool
	err  atomic.Pointer[error] // of the caller's reader
}

// errLeft is what a body says after the upload has returned.
var errLeft = errors.New("the upload has ended")

func newOutgoing(p door.Post, watch *door.Watch) *outgoing {
	return &outgoing{watch: watch, size: p.Size, from: p.Body}
}

// Read implements io.Reader.
func (s *outgoing) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left.Load() {
		return 0, errLeft
	}
	s.read.Store(true)
	s.watch.Rest()
	n, err := s.from.Read(p)
	s.n.Add(int64(n))
	if err != nil && err != io.EOF {
		s.err.Store(&err)
	}
	if !s.left.Load() {
		s.watch.Begin()
	}
	return n, err
}

// Close implements io.Closer. The caller's reader stays open.
func (s *outgoing) Close() error {
	s.left.Store(true)
	return nil
}

// leave waits for a Read in flight. If ctx has ended it does not wait: the caller's reader may block
// for ever.
func (s *outgoing) leave(ctx context.Context) {
	s.left.Store(true)
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
}

// failure returns the error of the caller's reader.
func (s *outgoing) failure() error {
	if p := s.err.Load(); p != nil {
		return *p
	}
	return nil
}

// untouched reports whether nothing was read.
func (s *outgoing) untouched() bool { return !s.read.Load() }

// complete reports whether the whole body was handed over.
func (s *outgoing) complete() bool { return s.n.Load() >= s.size }
