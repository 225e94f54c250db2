package transport

import (
	"bytes"
	"io"
	"net/http/httptrace"
	"sync/atomic"
)

// progress watches how far a request comes.
//
// Only the time before a connection was had proves that nothing was sent: from
// then on another goroutine of net/http may write, even after the call gave up. A
// RoundTripper that tries one way before it asks net/http has read the body by then.
type progress struct {
	asked, connected, read atomic.Bool
	hooks                  httptrace.ClientTrace
}

// body is the body of a request that tells when it is read.
func (p *progress) body(b []byte) io.ReadCloser { return &body{bytes.NewReader(b), &p.read} }

type body struct {
	content *bytes.Reader
	read    *atomic.Bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.content.Read(p)
}

// WriteTo implements io.WriterTo.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	b.read.Store(true)
	return b.content.WriteTo(w)
}

// Close does nothing.
func (*body) Close() error { return nil }

func (p *progress) trace() *httptrace.ClientTrace {
	p.hooks.GetConn = func(string) { p.asked.Store(true) }
	p.hooks.GotConn = func(httptrace.GotConnInfo) { p.connected.Store(true) }
	return &p.hooks
}

// failed says at which step err ended the request. A RoundTripper that reports
// no progress at all proves nothing.
func (p *progress) failed(err error) *Error {
	if p.asked.Load() && !p.connected.Load() && !p.read.Load() {
		return &Error{Step: "connect", NotSent: true, Err: err}
	}
	return &Error{Step: "send", Err: err}
}
