// Package transport sends one request and reads its answer. It does not retry or interpret, but
// reports reliably how far the request came.
package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"time"
)

// ErrTooLarge is matched if the answer exceeds the allowed size.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// Request is a POST with a JSON body.
type Request struct {
	// URL is the full address; it contains the webhook's secret.
	URL string
	// Header is sent unchanged.
	Header http.Header
	// Body is sent unchanged.
	Body []byte
	// Expected is the approximate size of the answer in bytes; 0 if unknown.
	Expected int
}

// Answer is a complete answer, with any status.
type Answer struct {
	// Status is the HTTP status code.
	Status int
	// Header holds the headers of the answer.
	Header http.Header
	// Location is the target of a redirect, as sent.
	Location string
	// Hidden means that it is a redirect whose status and target the browser does not reveal.
	Hidden bool
	// Body is the whole body, decompressed.
	Body []byte
}

// Error reports at which step a request failed. Its chain may contain the address, so it must be
// redacted before anyone sees it.
type Error struct {
	// Step is "connect", "send" or "read".
	Step string
	// NotSent means that no byte of the request can have reached the portal.
	NotSent bool
	// Status and ContentType are known only if Step is "read".
	Status      int
	ContentType string
	// Err is the reason.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return e.Step + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Sender sends requests. It is safe for concurrent use.
type Sender struct {
	client   *http.Client
	base     http.RoundTripper
	timeout  time.Duration
	maxBytes int64
}

// NewSender returns a [Sender] that uses client, without changing it, and follows no redirects.
// timeout bounds one request with its answer, 0 means no bound; maxBytes bounds the decompressed
// body of an answer.
func NewSender(client *http.Client, timeout time.Duration, maxBytes int64) *Sender {
	own := *client
	base := cmp.Or[http.RoundTripper](client.Transport, http.DefaultTransport) //nolint:forbidigo // the meaning of a nil Transport
	own.Transport = redirects{base}
	return &Sender{client: &own, base: base, timeout: timeout, maxBytes: min(maxBytes, math.MaxInt64-1)}
}

// Send posts r and reads the answer. Every error is an [*Error]; if ctx ended the request, it
// matches the error of ctx.
func (s *Sender) Send(ctx context.Context, r Request) (Answer, error) {
	var way progress
	ctx, cancel := s.bound(httptrace.WithClientTrace(ctx, way.trace()))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, way.watch(r.Body))
	if err != nil {
		return Answer{}, &Error{Step: "send", NotSent: true, Err: err}
	}
	req.GetBody = way.again(req.GetBody)
	req.Header = unfollowed(s.base, r.Header)
	resp, err := s.client.Do(req)
	if err != nil {
		return Answer{}, way.failed(ended(ctx, err))
	}
	defer resp.Body.Close() //nolint:errcheck // the body was read or abandoned, nothing is left to lose
	body, err := s.read(resp, r.Expected)
	if err != nil {
		return Answer{}, &Error{
			Step: "read", Err: ended(ctx, err),
			Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type"),
		}
	}
	return Answer{
		Status: resp.StatusCode, Header: resp.Header, Location: resp.Header.Get(location), Body: body,
		Hidden: runtime.GOOS == "js" && resp.StatusCode == 0,
	}, nil
}

func (s *Sender) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, s.timeout, timeout{s.timeout})
}

// timeout is the cause when an attempt used up its own time.
type timeout struct{ after time.Duration }

func (t timeout) Error() string { return fmt.Sprintf("no complete answer within %v", t.after) }
func (t timeout) Timeout() bool { return true }
func (t timeout) Is(target error) bool {
	return target == context.DeadlineExceeded
}

// ended replaces net/http's various errors for an ended context by the reason it ended for.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return Over(ctx)
}

// Over returns why ctx ended; it matches the error of ctx, whatever the cause. It is nil as long as
// ctx has not ended.
func Over(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// read reads the body up to the limit. The announced or expected size is allocated at once.
func (s *Sender) read(resp *http.Response, expected int) ([]byte, error) {
	if resp.ContentLength > s.maxBytes {
		return nil, fmt.Errorf("%w: %d bytes announced, %d allowed", ErrTooLarge, resp.ContentLength, s.maxBytes)
	}
	var buf bytes.Buffer
	const trusted = 4 << 20 // an announced length may be wrong, so no more is allocated because of it
	if n := min(max(resp.ContentLength, int64(expected)), trusted, s.maxBytes); n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, s.maxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case n > s.maxBytes:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.maxBytes)
	default:
		return buf.Bytes(), nil
	}
}

// NewTransport returns a transport for many requests to few hosts.
func NewTransport() *http.Transport {
	const perHost = 128 // more than a portal's budget keeps busy
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          4 * perHost,
		MaxIdleConnsPerHost:   perHost,
		IdleConnTimeout:       50 * time.Second, // shorter than usual on servers: a connection the server is just closing loses an answer
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
