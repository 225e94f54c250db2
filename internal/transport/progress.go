package transport

import (
	"net/http/httptrace"
	"sync/atomic"
)

// progress watches how far a request comes.
//
// Only the time before a connection was had proves that nothing was sent: from
// then on another goroutine of net/http may write, even after the call gave up.
type progress struct {
	asked, connected atomic.Bool
	hooks            httptrace.ClientTrace
}

func (p *progress) trace() *httptrace.ClientTrace {
	p.hooks.GetConn = func(string) { p.asked.Store(true) }
	p.hooks.GotConn = func(httptrace.GotConnInfo) { p.connected.Store(true) }
	return &p.hooks
}

// failed says at which step err ended the request. A RoundTripper that reports
// no progress at all proves nothing.
func (p *progress) failed(err error) *Error {
	if p.asked.Load() && !p.connected.Load() {
		return &Error{Step: "connect", NotSent: true, Err: err}
	}
	return &Error{Step: "send", Err: err}
}
