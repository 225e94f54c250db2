package b24_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// transportFunc answers requests without a connection and counts the calls of CloseIdleConnections.
type transportFunc struct {
	answer func(*http.Request) (*http.Response, error)
	closed int
}

func (f *transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f.answer(r) }
func (f *transportFunc) CloseIdleConnections()                             { f.closed++ }

// unreachable is a client that fails the test when it is used.
func unreachable(t *testing.T) *http.Client {
	t.Helper()
	return &http.Client{Transport: &transportFunc{answer: func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request was sent to %s", r.URL.Host)
		return nil, errors.New("no way")
	}}}
}

func TestGetters(t *testing.T) {
	t.Parallel()
	h, err := b24.FromWebhookURL("https://Your_Domain.bitrix24.com:8443/sub/rest/7/"+marker+"/", b24.WithHTTPClient(unreachable(t)))
	require.NoError(t, err)

	data, ok := h.Auth().AuthData()
	fresh, err := h.Auth().RefreshAuth(t.Context())

	assert.True(t, h.IsInit())                                                        // acceptance 17
	assert.Equal(t, "https://your_domain.bitrix24.com:8443", h.TargetOrigin())        // acceptance 18
	assert.Equal(t, h.TargetOrigin()+"/sub/rest/7/"+marker, h.TargetOriginWithPath()) // acceptance 19
	assert.True(t, ok)                                                                // acceptance 20
	assert.Equal(t, marker, data.AccessToken.Reveal())
	assert.Empty(t, data.RefreshToken.Reveal())
	assert.True(t, data.Expires.IsZero())
	assert.Zero(t, data.ExpiresIn)
	assert.Equal(t, "your_domain.bitrix24.com:8443", data.Domain)
	assert.Equal(t, "your_domain.bitrix24.com:8443", data.MemberID)
	assert.Equal(t, "x_your_domain.bitrix24.com:8443", h.Auth().Uniq("x"))
	require.NoError(t, err)
	admin, err := h.Auth().IsAdmin(t.Context())
	require.NoError(t, err)
	assert.True(t, admin)
	assert.Equal(t, data, fresh)
	assert.Equal(t, "b24.Hook(https://your_domain.bitrix24.com:8443)", h.String())
}

func TestHTTPClientIsACopy(t *testing.T) {
	t.Parallel()
	// acceptance 21
	p, h := newPortal(t)
	answers(p, "profile", true)
	own := h.HTTPClient()
	require.NotSame(t, own, h.HTTPClient())
	require.NotSame(t, p.HTTPClient(), own)

	own.Transport = unreachable(t).Transport
	own.CheckRedirect = nil
	own.Timeout = time.Nanosecond
	_, err := h.CallMethod(t.Context(), "profile", nil)
	require.NoError(t, err)
	p.Fault("profile", b24test.Redirect(http.StatusFound, p.WebhookURL()+"profile"))
	_, err = h.CallMethod(t.Context(), "profile", nil)

	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, 2, p.Calls("profile"))
	assert.NotNil(t, h.HTTPClient().CheckRedirect)
	assert.Zero(t, h.HTTPClient().Timeout)
}

func TestHTTPClientKnowsNothingOfTheWebhook(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://elsewhere.example.com/file", http.NoBody)
	require.NoError(t, err)

	resp, err := h.HTTPClient().Do(req)

	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	r := p.Requests()[0]
	assert.Equal(t, "elsewhere.example.com", r.Host)
	assert.Empty(t, r.Method+r.User)
	assert.Empty(t, r.RawBody)
	assert.Empty(t, r.Query)
}

func TestClose(t *testing.T) {
	t.Parallel()
	// acceptance 22
	p, h := newPortal(t)
	answers(p, "crm.deal.add", 1)

	for range 3 {
		require.NoError(t, h.Close())
		_, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

		require.ErrorIs(t, err, b24.ErrClosed)
		assert.Equal(t, "b24: crm.deal.add: the client is closed", err.Error())
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
		assert.False(t, b24.MayHaveExecuted(err))
		assert.False(t, h.IsInit())
	}
	assert.Empty(t, p.Requests())
	assert.Equal(t, p.WebhookURL(), h.TargetOriginWithPath()+"/") // the getters go on
}

func TestCloseEndsIdleConnections(t *testing.T) {
	t.Parallel()
	// acceptance 22
	closed := make(chan struct{}, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"result":true}`))
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + marker)
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "profile", nil)
	require.NoError(t, err)
	require.Empty(t, closed, "the connection is kept")

	require.NoError(t, h.Close())

	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection is still open")
	}
}

func TestCloseEndsTheConnectionOfACallUnderWay(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"result":true}`))
	}))
	t.Cleanup(srv.Close)
	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + marker)
	require.NoError(t, err)
	var conn net.Conn
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		// Between this and the request for a connection the Transport forgets that it was closed.
		GetConn: func(string) { assert.NoError(t, h.Close()) },
		GotConn: func(i httptrace.GotConnInfo) { conn = i.Conn },
	})

	_, err = h.CallMethod(ctx, "profile", nil)

	require.NoError(t, err)
	require.NotNil(t, conn)
	assert.ErrorIs(t, conn.SetDeadline(time.Now()), net.ErrClosed)
}

func TestCloseLeavesTheCallersTransportAlone(t *testing.T) {
	t.Parallel()
	transport := new(transportFunc)
	h, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)

	require.NoError(t, h.Close())

	assert.Zero(t, transport.closed)
}

func TestCloseLetsCallsUnderWayEnd(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("crm.deal.add", func(b24test.Request) (any, error) { return 1, h.Close() })

	r, err := h.CallMethod(t.Context(), "crm.deal.add", nil)

	require.NoError(t, err)
	assert.Equal(t, "1", string(r.Raw()))
	assert.False(t, h.IsInit())
}

func TestWithHTTPClientCopies(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
	answers(p, "profile", true)
	given := &http.Client{Transport: p.HTTPClient().Transport, Timeout: time.Hour}
	h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(given))
	require.NoError(t, err)

	assert.Nil(t, given.CheckRedirect, "the caller's client is not changed")
	assert.Equal(t, time.Hour, h.HTTPClient().Timeout)
	given.Transport = unreachable(t).Transport
	_, err = h.CallMethod(t.Context(), "profile", nil)

	assert.NoError(t, err)
}

func TestCallersCheckRedirectIsNotUsed(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
	p.Fault("crm.deal.add", b24test.Redirect(http.StatusTemporaryRedirect, p.WebhookURL()+"crm.deal.add"))
	given := &http.Client{Transport: p.HTTPClient().Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		t.Error("asked whether to follow")
		return nil
	}}

	_, err := newHook(t, p, b24.WithHTTPClient(given)).CallMethod(t.Context(), "crm.deal.add", nil)

	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, 1, p.Calls("crm.deal.add"))
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]b24.Option{
		"HTTP client: ":           b24.WithHTTPClient(nil),
		"timeout: -1s ":           b24.WithTimeout(-time.Second),
		"max response bytes: 0 ":  b24.WithMaxResponseBytes(0),
		"max response bytes: -1 ": b24.WithMaxResponseBytes(-1),
		"user agent: ":            b24.WithUserAgent("acme\r\nX-Evil: 1"),
		"user agent: it ":         b24.WithUserAgent("акме"),
	} {
		h, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker, opt)
		assert.ErrorContains(t, err, "b24: option: "+want)
		assert.Nil(t, h, want)

		h, err = b24.NewHook(b24.HookParams{URL: "your-domain.bitrix24.com", UserID: 1, Secret: b24.NewSecret(marker)}, opt)
		assert.ErrorContains(t, err, "b24: option: "+want)
		assert.Nil(t, h, want)
	}
}

func TestBadOptionsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker,
		b24.WithHTTPClient(nil), b24.WithTimeout(-1), b24.WithTimeout(time.Second), b24.WithMaxResponseBytes(0), nil, b24.WithUserAgent("a\nb"))

	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	require.True(t, ok)
	assert.Len(t, joined.Unwrap(), 4)
	for _, want := range []string{"HTTP client", "timeout", "max response bytes", "user agent"} {
		assert.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), marker)
}

func TestGoodOptionsAtTheirBounds(t *testing.T) {
	t.Parallel()
	h, err := b24.FromWebhookURL("https://your-domain.bitrix24.com/rest/1/"+marker,
		nil, b24.WithTimeout(0), b24.WithMaxResponseBytes(1), b24.WithUserAgent(""), b24.WithLogger(nil), b24.WithInsecureHTTP())

	require.NoError(t, err)
	assert.NotNil(t, h.Logger())
	assert.False(t, h.Logger().Enabled(t.Context(), slog.LevelError), "silent")
}

func TestNilCallOptionIsNone(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", nil, nil, b24.WithRequestID("id-1"), nil)

	require.NoError(t, err)
	assert.Equal(t, "id-1", p.Requests()[0].RequestID)
}
