package transport_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/transport"
)

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func send(t *testing.T, rt http.RoundTripper, url string) (transport.Answer, error) {
	t.Helper()
	s := transport.NewSender(&http.Client{Transport: rt}, time.Minute, 1000)
	return s.Send(t.Context(), transport.Request{URL: url, Header: http.Header{}, Body: []byte("{}")})
}

func answer(status int, header http.Header, body io.Reader) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), ContentLength: -1, Request: r}, nil
	}
}

func TestRedirectsAreAnswersWhateverTheyPointTo(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"", "https://new.example/x", "://", "https://%zz/", "/relative"} {
		a, err := send(t, answer(302, http.Header{"Location": {location}}, strings.NewReader("")), "https://old.example/")

		require.NoError(t, err, location)
		assert.Equal(t, 302, a.Status)
		assert.Equal(t, location, a.Location)
	}
}

func TestOnlyRedirectsHaveALocation(t *testing.T) {
	t.Parallel()
	a, err := send(t, answer(201, http.Header{"Location": {"/new"}}, strings.NewReader("{}")), "https://old.example/")
	require.NoError(t, err)
	assert.Empty(t, a.Location)
	assert.Equal(t, "/new", a.Header.Get("Location"))
}

func TestNotSentIsProved(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(srv.Close)
	failing := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no idea") })
	for name, test := range map[string]struct {
		rt      http.RoundTripper
		url     string
		notSent bool
		step    string
	}{
		"nobody listens":             {transport.NewTransport(), "http://127.0.0.1:1/", true, "connect"},
		"reset after the request":    {transport.NewTransport(), srv.URL, false, "send"},
		"a RoundTripper of its own":  {failing, "https://acme.example/", false, "send"},
		"no address":                 {failing, "://", true, "send"},
		"a transport without routes": {&http.Transport{}, "gopher://acme.example/", false, "send"},
	} {
		_, err := send(t, test.rt, test.url)

		var te *transport.Error
		require.ErrorAs(t, err, &te, name)
		assert.Equal(t, test.notSent, te.NotSent, name)
		assert.Equal(t, test.step, te.Step, name)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(strings.NewReader(`{"result":`), failingReader{})

	_, err := send(t, answer(200, http.Header{"Content-Type": {"application/json"}}, broken), "https://acme.example/")

	var te *transport.Error
	require.ErrorAs(t, err, &te)
	assert.Equal(t, "read", te.Step)
	assert.False(t, te.NotSent)
	assert.Equal(t, 200, te.Status)
	assert.Equal(t, "application/json", te.ContentType)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestLimitHoldsForWhatIsNotAnnounced(t *testing.T) {
	t.Parallel()
	for size, tooLarge := range map[int]bool{1000: false, 1001: true, 100_000: true} {
		_, err := send(t, answer(200, http.Header{}, strings.NewReader(strings.Repeat("x", size))), "https://acme.example/")
		assert.Equal(t, tooLarge, errors.Is(err, transport.ErrTooLarge), size)
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		require.NoError(t, transport.Over(t.Context()))

		reason := errors.New("the portal is being moved")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(reason)
		require.ErrorIs(t, transport.Over(ctx), context.Canceled)
		require.ErrorIs(t, transport.Over(ctx), reason)

		timed, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		<-timed.Done()
		assert.Equal(t, context.DeadlineExceeded, transport.Over(timed))
	})
}

// A RoundTripper that sent the request in a way of its own, and then asks net/http, which
// gets no connection: something was sent.
func TestBodyThatWasReadIsSent(t *testing.T) {
	t.Parallel()
	dead := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") }}
	for name, row := range map[string]struct {
		before func(r *http.Request)
		want   bool
	}{
		"not read": {func(*http.Request) {}, true},
		"read":     {func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }, false},
		"a part":   {func(r *http.Request) { _, _ = r.Body.Read(make([]byte, 1)) }, false},
		"a copy":   {func(r *http.Request) { _, _ = r.GetBody() }, false},
	} {
		_, err := send(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			row.before(r)
			return dead.RoundTrip(r)
		}), "https://acme.example/")
		var te *transport.Error
		require.ErrorAs(t, err, &te, name)
		assert.Equal(t, row.want, te.NotSent, name)
	}
}

// From when there is a connection another goroutine may write to it, although nobody has
// read the body yet.
func TestConnectionIsNoProof(t *testing.T) {
	t.Parallel()
	_, err := send(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn(r.URL.Host)
		trace.GotConn(httptrace.GotConnInfo{})
		return nil, errors.New("gave up")
	}), "https://acme.example/")
	var te *transport.Error
	require.ErrorAs(t, err, &te)
	assert.False(t, te.NotSent)
}

// closing notes that it was closed.
type closing struct {
	io.Reader

	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestNothingIsLeftOfARequest(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 100_000} { // the second is too large to be read to its end
		var over <-chan struct{}
		body := &closing{Reader: strings.NewReader(strings.Repeat("x", size))}
		_, _ = send(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			over = r.Context().Done()
			return &http.Response{StatusCode: http.StatusOK, Body: body, ContentLength: -1, Request: r}, nil
		}), "https://acme.example/")
		assert.True(t, body.closed, size)
		<-over // its timer is stopped
	}
}

func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	t.Parallel()
	s := transport.NewSender(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("short")), ContentLength: math.MaxInt64 - 1, Request: r}, nil
	})}, 0, math.MaxInt64)
	a, err := s.Send(t.Context(), transport.Request{URL: "https://acme.example/", Header: http.Header{}, Body: []byte("{}")})
	require.NoError(t, err)
	assert.Equal(t, "short", string(a.Body))
}

func TestLimitWithoutEnd(t *testing.T) {
	t.Parallel()
	s := transport.NewSender(&http.Client{Transport: answer(200, nil, strings.NewReader("whole"))}, 0, math.MaxInt64)
	a, err := s.Send(t.Context(), transport.Request{URL: "https://acme.example/", Header: http.Header{}, Body: []byte("{}")})
	require.NoError(t, err)
	assert.Equal(t, "whole", string(a.Body))
}

// A connection that swallows everything is noticed, over HTTP/2 as well.
func TestTransportPingsDeadConnections(t *testing.T) {
	t.Parallel()
	own := transport.NewTransport()
	require.NotNil(t, own.HTTP2)
	assert.Positive(t, own.HTTP2.SendPingTimeout)
	assert.Positive(t, own.HTTP2.PingTimeout)
}

func TestTransportOnItsWay(t *testing.T) {
	t.Parallel()
	own := transport.NewTransport()
	assert.NotNil(t, own.Proxy)
	assert.True(t, own.ForceAttemptHTTP2)
	assert.Positive(t, own.TLSHandshakeTimeout)
	assert.Less(t, own.IdleConnTimeout, time.Minute, "the portal must not be the first to close")
	assert.Greater(t, own.MaxIdleConnsPerHost, 50, "a burst finds its connections again")
}
