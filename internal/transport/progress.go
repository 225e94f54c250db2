package transport

import (
	"bytes"
	"io"
	"net/http/httptrace"
	"sync/atomic"
)

// progress tracks how far a request comes.
//
// Only the time before there is a connection proves that nothing was sent: from then on, another
// goroutine of net/http may write, even after the call gave up. A RoundTripper that tries something
// else before it uses net/http has read the body by then.
type progress struct {
	asked, connected, copied atomic.Bool
	body                     *bytes.Reader
	hooks                    httptrace.ClientTrace
}

// watch returns a body for b. It is a bytes.Reader, because for any other body net/http first sends
// the request header alone.
func (p *progress) watch(b []byte) io.Reader {
	p.body = bytes.NewReader(b)
	return p.body
}

// again records that the body was requested a second time.
func (p *progress) again(getBody func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		p.copied.Store(true)
		return getBody()
	}
}

// untouched reports whether nobody has read the body. Without a connection, nobody will read it any
// more.
func (p *progress) untouched() bool { return !p.copied.Load() && int64(p.body.Len()) == p.body.Size() }

func (p *progress) trace() *httptrace.ClientTrace {
	p.hooks.GetConn = func(string) { p.asked.Store(true) }
	p.hooks.GotConn = func(httptrace.GotConnInfo) { p.connected.Store(true) }
	return &p.hooks
}

// failed determines at which step err ended the request. A RoundTripper that reports no progress
// proves nothing.
func (p *progress) failed(err error) *Error {
	if p.asked.Load() && !p.connected.Load() && p.untouched() {
		return &Error{Step: "connect", NotSent: true, Err: err}
	}
	return &Error{Step: "send", Err: err}
}
