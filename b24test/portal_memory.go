package b24test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing/synctest"
)

// pipes is a listener without a socket: dialing it makes a [net.Pipe] and passes one end to Accept.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes {
	return &pipes{incoming: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return pipeAddr{} }

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	cut := new(atomic.Bool)
	select {
	case l.incoming <- &pipeConn{Conn: far, cut: cut}:
		return &pipeConn{Conn: near, cut: cut}, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Addr: pipeAddr{}, Err: errRefused}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// client returns a client that dials the pipes for every host. https is not encrypted either, which
// the caller cannot notice.
func (l *pipes) client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         l.dial,
			DialTLSContext:      l.dial,
			MaxIdleConnsPerHost: 100,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// pipeConn is one end of a pipe that can be reset like a TCP connection.
type pipeConn struct {
	net.Conn

	cut *atomic.Bool
}

func (c *pipeConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && c.cut.Load() {
		err = &net.OpError{Op: "read", Net: "pipe", Addr: pipeAddr{}, Err: errReset}
	}
	return n, err
}

func (c *pipeConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err != nil && c.cut.Load() {
		err = &net.OpError{Op: "write", Net: "pipe", Addr: pipeAddr{}, Err: errReset}
	}
	return n, err
}

func (c *pipeConn) reset() {
	c.cut.Store(true)
	_ = c.Close()
}

// reset closes a connection so that the other end sees a reset, not an orderly close.
func reset(c net.Conn) {
	switch c := c.(type) {
	case *pipeConn:
		c.reset()
	case *net.TCPConn:
		_ = c.SetLinger(0)
		_ = c.Close()
	default:
		_ = c.Close()
	}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "b24test" }

// inBubble reports whether the caller runs inside a testing/synctest bubble: outside one, Wait
// panics at once.
func inBubble() (in bool) {
	defer func() {
		if recover() != nil {
			in = false
		}
	}()
	synctest.Wait()
	return true
}

func silent() *log.Logger { return log.New(io.Discard, "", 0) }
