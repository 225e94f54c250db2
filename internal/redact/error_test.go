package redact_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

const (
	hookSecret = "q7w8e9r0t1y2"
	hookURL    = "https://a.bitrix24.com/rest/1/" + hookSecret + "/crm.deal.get"
)

// leaky is an error with an address in a field that its text does not show.
type leaky struct {
	URL string
	err error
}

func (e *leaky) Error() string { return "leaky" }
func (e *leaky) Unwrap() error { return e.err }

func urlError(err error) *url.Error { return &url.Error{Op: "Post", URL: hookURL, Err: err} }

// dumps returns all that naive printing makes of the error and of each error in its chain.
func dumps(tb testing.TB, err error) []string {
	tb.Helper()
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		out = append(out, fmt.Sprintf(verb, err), fmt.Sprintf(verb, struct{ E error }{err}), fmt.Sprintf(verb, []error{err}))
	}
	b, jsonErr := json.Marshal([]error{err})
	require.NoError(tb, jsonErr)
	out = append(out, string(b))
	switch e := err.(type) { //nolint:errorlint // one level after the other
	case interface{ Unwrap() error }:
		if e.Unwrap() != nil {
			out = append(out, dumps(tb, e.Unwrap())...)
		}
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			out = append(out, dumps(tb, part)...)
		}
	}
	return out
}

func TestErrorLeaksNothing(t *testing.T) {
	t.Parallel()
	opErr := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"bare", urlError(io.EOF), "EOF"},
		{"wrapped", fmt.Errorf("send: %w", urlError(io.EOF)), "send: EOF"},
		{"wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", urlError(opErr))), "a: b: dial tcp: connect: connection refused"},
		{"nested", urlError(fmt.Errorf("proxy: %w", urlError(io.EOF))), "proxy: EOF"},
		{"nested and wrapped", fmt.Errorf("a: %w", urlError(fmt.Errorf("b: %w", urlError(io.EOF)))), "a: b: EOF"},
		{"joined", errors.Join(io.EOF, urlError(opErr)), "EOF\ndial tcp: connect: connection refused"},
		{"two at once", fmt.Errorf("%w and %w", urlError(io.EOF), urlError(opErr)), "EOF and dial tcp: connect: connection refused"},
		{"text only", errors.New(urlError(io.EOF).Error()), `Post "https://a.bitrix24.com/rest/***/***/crm.deal.get": EOF`},
		{"text and cause", fmt.Errorf("send %s: %w", hookURL, io.EOF), "send https://a.bitrix24.com/rest/***/***/crm.deal.get: EOF"},
		{"inner text", urlError(fmt.Errorf("no answer to %s", hookURL)), "no answer to https://a.bitrix24.com/rest/***/***/crm.deal.get"},
		{"literal only", fmt.Errorf("lookup %s: %w", hookSecret, io.EOF), "lookup ***: EOF"},
		{"hidden in a field", &leaky{hookURL, io.EOF}, "leaky"},
		{"hidden below", fmt.Errorf("x: %w", &leaky{hookURL, io.EOF}), "x: leaky"},
		{"without a cause", &url.Error{Op: "Post", URL: hookURL}, "request failed"},
		{"nil pointer", (*url.Error)(nil), "request failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := redact.New(hookSecret).Error(tt.err)
			require.EqualError(t, got, tt.want)
			for _, dump := range dumps(t, got) {
				assert.NotContains(t, dump, hookSecret)
			}
			_, isURL := errors.AsType[*url.Error](got)
			assert.False(t, isURL)
		})
	}
}

func TestErrorStillMatches(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	for _, target := range []error{
		context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
		syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE, own,
	} {
		opErr := &net.OpError{Op: "read", Net: "tcp", Err: target}
		for _, err := range []error{
			urlError(target), urlError(opErr), fmt.Errorf("x: %w", urlError(opErr)), errors.Join(own, urlError(target)),
			fmt.Errorf("%s: %w", hookURL, target), &leaky{hookURL, target},
		} {
			got := redact.New(hookSecret).Error(err)
			require.ErrorIs(t, got, target)
			require.NotErrorIs(t, got, http.ErrHandlerTimeout)
			want, _ := errors.AsType[*net.OpError](err)
			found, _ := errors.AsType[*net.OpError](got)
			assert.Same(t, want, found)
		}
	}
}

// timeout is a net.Error of its own.
type timeout bool

func (e timeout) Error() string   { return "i/o" }
func (e timeout) Timeout() bool   { return bool(e) }
func (e timeout) Temporary() bool { return bool(e) }

func TestErrorTellsTimeouts(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{timeout(true), timeout(false), context.DeadlineExceeded, io.EOF} {
		want, isNet := errors.AsType[net.Error](cause)
		for _, err := range []error{urlError(cause), fmt.Errorf("x: %w", urlError(cause)), fmt.Errorf("%s: %w", hookURL, cause)} {
			got, ok := errors.AsType[net.Error](redact.New(hookSecret).Error(err))
			if isNet {
				require.True(t, ok)
			}
			assert.Equal(t, isNet && want.Timeout(), ok && got.Timeout(), "%v", err)
			assert.Equal(t, isNet && want.Temporary(), ok && got.Temporary(), "%v", err) //nolint:staticcheck // still asked for by callers
		}
	}
}

func TestErrorReturnsWhatIsClean(t *testing.T) {
	t.Parallel()
	tests := []error{
		io.EOF,
		context.DeadlineExceeded,
		&net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}, Err: syscall.ECONNRESET},
		&net.DNSError{Err: "no such host", Name: "a.bitrix24.com", Server: "127.0.0.53:53", IsNotFound: true},
		x509.UnknownAuthorityError{Cert: &x509.Certificate{}},
		x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a.b"},
		errors.Join(io.EOF, context.Canceled),
		fmt.Errorf("b24: crm.deal.get: token: %w", io.ErrUnexpectedEOF),
		url.EscapeError("%zz"),
	}
	for _, err := range tests {
		assert.True(t, redact.New(hookSecret).Error(err) == err, "%#v", err) //nolint:errorlint,testifylint // the very same value, which Same takes for pointers only
	}
}

func TestErrorOfClient(t *testing.T) {
	t.Parallel()
	c := &http.Client{Timeout: time.Nanosecond, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hookURL, http.NoBody)
	require.NoError(t, err)
	resp, err := c.Do(req)
	if err == nil {
		resp.Body.Close()
	}
	require.ErrorContains(t, err, hookSecret)

	got := redact.New(hookSecret).Error(err)

	require.ErrorIs(t, got, context.DeadlineExceeded)
	netErr, ok := errors.AsType[net.Error](got)
	require.True(t, ok)
	assert.True(t, netErr.Timeout())
	for _, dump := range dumps(t, got) {
		assert.NotContains(t, dump, hookSecret)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestErrorOfLongChain(t *testing.T) {
	t.Parallel()
	err := error(urlError(io.EOF))
	for range 200 {
		err = fmt.Errorf("%w", err)
	}

	got := redact.New(hookSecret).Error(err)

	require.ErrorIs(t, got, io.EOF)
	for _, dump := range dumps(t, got) {
		assert.NotContains(t, dump, hookSecret)
	}
}
