package b24_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
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

	assert.True(t, h.IsInit())
	assert.Equal(t, "https://your_domain.bitrix24.com:8443", h.TargetOrigin())
	assert.Equal(t, h.TargetOrigin()+"/sub/rest/7/"+marker, h.TargetOriginWithPath())
	assert.True(t, ok)
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

func TestFromWebhookURL(t *testing.T) {
	t.Parallel()
	const plain = "https://your-domain.bitrix24.com/rest/1/" + marker
	for _, test := range []struct{ address, want string }{
		{plain, plain},
		{plain + "/", plain},
		{" \t" + plain + "/\n", plain},
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker, plain},
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker + "/", plain},
		{"https://your-domain.bitrix24.com//rest///1//" + marker + "//", plain},
		{plain + "/?auth=x&rest=/rest/2/y", plain},
		{plain + "/#/rest/2/y", plain},
		{"https://user:pass@your-domain.bitrix24.com/rest/1/" + marker, plain},
		{"HTTPS://Your-Domain.Bitrix24.COM/rest/1/" + marker, plain},
		{"https://your-domain.bitrix24.com:443/rest/1/" + marker, plain},
		{"https://b24.example.com:8443/rest/1/" + marker, "https://b24.example.com:8443/rest/1/" + marker},
		{"https://b24.example.com:80/rest/1/" + marker, "https://b24.example.com:80/rest/1/" + marker},
		{"https://[2001:DB8::1]/rest/1/" + marker, "https://[2001:db8::1]/rest/1/" + marker},
		{"https://[2001:db8::1]:8443/rest/1/" + marker, "https://[2001:db8::1]:8443/rest/1/" + marker},
		{"https://b24.example.com/sub/rest/1/" + marker, "https://b24.example.com/sub/rest/1/" + marker},
		{"https://b24.example.com/a//b/rest/api/7/" + marker + "/", "https://b24.example.com/a/b/rest/7/" + marker},
		{"https://b24.example.com/rest/1/old/rest/2/" + marker, "https://b24.example.com/rest/1/old/rest/2/" + marker}, // the last /rest/ counts
		{"https://b24.example.com/a%20b/rest/2/" + marker, "https://b24.example.com/a%20b/rest/2/" + marker},
		{plain + "/crm.deal.list.json", plain},
		{plain + "/crm.deal.list.json?start=50", plain},
		{plain + "/profile/", plain},
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker + "/tasks.task.get", plain},
		{
			"https://your-domain.bitrix24.com/rest/9223372036854775807/" + marker,
			"https://your-domain.bitrix24.com/rest/9223372036854775807/" + marker,
		},
		{"https://your_domain.bitrix24.com/rest/1/" + marker + "/", "https://your_domain.bitrix24.com/rest/1/" + marker},
		{"http://localhost:8080/rest/1/" + marker, "http://localhost:8080/rest/1/" + marker},
		{"http://127.0.0.1:80/rest/1/" + marker, "http://127.0.0.1/rest/1/" + marker},
		{"http://[::1]:8080/rest/1/" + marker, "http://[::1]:8080/rest/1/" + marker},
	} {
		h, err := b24.FromWebhookURL(test.address)

		if assert.NoError(t, err, test.address) {
			assert.Equal(t, test.want, h.TargetOriginWithPath(), test.address)
		}
	}
}

func TestFromWebhookURLRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		address string
		want    b24.WebhookURLProblem
	}{
		{"", b24.WebhookURLEmpty},
		{" \t\r\n", b24.WebhookURLEmpty},
		{"http://hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://127.0.0.1.hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://localhost.hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://localhost@hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://10.0.0.1/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"ftp://hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"hostmark.bitrix24.com:8443/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"//hostmark.bitrix24.com:x/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"secretmark", b24.WebhookURLInvalid},
		{"https:///rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https:rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://:443/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark.com:/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark.com:0/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark.com:65536/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark.com:secretmark/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark .com/rest/7151/secretmark/", b24.WebhookURLInvalid},
		{"https://hostmark.com/rest/7151/secretmark%zz/", b24.WebhookURLInvalid},
		{"https://hostmark.com/rest/7151/secretmark\x00/", b24.WebhookURLInvalid},
		{"https://hostmark.com/rest/secretmark/7151/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/api/secretmark/7151/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/0/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/-7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/+7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7151.0/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7_151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/0x7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/٧١٥١/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/%37151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/71511234567890123456/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/9223372036854775808/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7151", b24.WebhookURLMalformed},
		{"https://hostmark.com/rest/7151/", b24.WebhookURLMalformed},
		{"https://hostmark.com/rest/api/7151", b24.WebhookURLMalformed},
		{"https://hostmark.com/rest/", b24.WebhookURLMalformed},
		{"https://hostmark.com/", b24.WebhookURLMalformed},
		{"https://hostmark.com", b24.WebhookURLMalformed},
		{"https://hostmark.com/7151/secretmark/", b24.WebhookURLMalformed},
		{"https://hostmark.com/REST/7151/secretmark/", b24.WebhookURLMalformed},
		{"https://hostmark.com/rest/7151/secretmark/profile/more", b24.WebhookURLMalformed},
		{"https://hostmark.com/?x=/rest/7151/secretmark/", b24.WebhookURLMalformed},
		{"https://hostmark.com/%72est/7151/secretmark/", b24.WebhookURLMalformed},
		{"https://hostmark.com/rest/7151/secretmark%2Fprofile/", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/secretmark%20/", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/secretmark.more/", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/crm.deal.list/", b24.WebhookURLSecret}, // the secret was forgotten
		{"https://hostmark.com/rest/7151/../secretmark/", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/секретmark/", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/secretmark/..", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/secretmark/a b", b24.WebhookURLSecret},
		{"https://hostmark.com/rest/7151/x", b24.WebhookURLShortSecret},
		{"https://hostmark.com/rest/7151/qzwxr/", b24.WebhookURLShortSecret},
		{"https://hostmark.com/rest/api/7151/qzwxr/tasks.task.get", b24.WebhookURLShortSecret},
		{"https://hostmark.com/rest/7151/batch", b24.WebhookURLShortSecret}, // the secret was forgotten
	} {
		h, err := b24.FromWebhookURL(test.address)

		assert.Nil(t, h, test.address)
		assertWebhookURLError(t, err, test.want, test.address)
	}
}

func TestNewHook(t *testing.T) {
	t.Parallel()
	const plain = "https://your-domain.bitrix24.com/rest/1/" + marker
	for _, test := range []struct{ address, want string }{
		{"https://your-domain.bitrix24.com", plain},
		{"your-domain.bitrix24.com", plain},
		{"http://your-domain.bitrix24.com", plain},
		{"http://your-domain.bitrix24.com:443", plain},
		{" Your-Domain.bitrix24.com:443 ", plain},
		{"your_domain.bitrix24.com", "https://your_domain.bitrix24.com/rest/1/" + marker},
		{"b24.example.com:8443", "https://b24.example.com:8443/rest/1/" + marker},
		{"https://b24.example.com/sub", "https://b24.example.com/sub/rest/1/" + marker},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080/rest/1/" + marker},
	} {
		h, err := b24.NewHook(b24.HookParams{URL: test.address, UserID: 1, Secret: b24.NewSecret(marker)})

		if assert.NoError(t, err, test.address) {
			assert.Equal(t, test.want, h.TargetOriginWithPath(), test.address)
		}
	}
}

func TestNewHookRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		params b24.HookParams
		want   b24.WebhookURLProblem
	}{
		{b24.HookParams{}, b24.WebhookURLEmpty},
		{b24.HookParams{URL: " ", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLEmpty},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151}, b24.WebhookURLSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151, Secret: b24.NewSecret("secretmark/")}, b24.WebhookURLSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151, Secret: b24.NewSecret("secretmark/../x")}, b24.WebhookURLSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151, Secret: b24.NewSecret("secretmark?x")}, b24.WebhookURLSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151, Secret: b24.NewSecret(" secretmark")}, b24.WebhookURLSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 7151, Secret: b24.NewSecret("qzwxr")}, b24.WebhookURLShortSecret},
		{b24.HookParams{URL: "hostmark.com", UserID: 0, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLUserID},
		{b24.HookParams{URL: "hostmark.com", UserID: -7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLUserID},
		{b24.HookParams{URL: "ftp://hostmark.com", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLNotHTTPS},
		{b24.HookParams{URL: "hostmark.com:x", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLInvalid},
		{b24.HookParams{URL: "https://", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLInvalid},
		{b24.HookParams{URL: "https://hostmark.com/rest", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLMalformed},
		{b24.HookParams{URL: "https://hostmark.com/rest/7151/secretmark", UserID: 7151, Secret: b24.NewSecret("secretmark")}, b24.WebhookURLMalformed},
	} {
		h, err := b24.NewHook(test.params)

		assert.Nil(t, h, "%s", test.params.URL)
		assertWebhookURLError(t, err, test.want, test.params.URL)
	}
}

func TestNewHookRefusesATrailingSlash(t *testing.T) {
	t.Parallel()
	h, err := b24.NewHook(b24.HookParams{URL: "https://hostmark.com/", UserID: 7151, Secret: b24.NewSecret("secretmark")})

	assert.Nil(t, h)
	assertWebhookURLError(t, err, b24.WebhookURLMalformed, "https://hostmark.com/")
}

// assertWebhookURLError wants problem told without a part of the address.
func assertWebhookURLError(t *testing.T, err error, problem b24.WebhookURLProblem, address string) {
	t.Helper()
	var e *b24.WebhookURLError
	if !assert.ErrorAs(t, err, &e, address) {
		return
	}
	assert.Equal(t, problem, e.Problem, address)
	assert.ErrorIs(t, err, b24.ErrInvalidWebhookURL)
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Contains(t, err.Error(), "https://<host>/rest/<user id>/<secret>/") // the form to use
	for _, text := range printed(t, err) {
		for _, part := range []string{"hostmark", "7151", "secretmark", "qzwxr", "секретmark", "٧١٥١", "crm.deal.list", "%zz", "ftp", "9223372036854775808"} {
			assert.NotContains(t, text, part, address)
		}
	}
}

// printed is v in all the ways people print a value.
func printed(t *testing.T, v any) []string {
	t.Helper()
	texts := []string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, v))
	}
	if b, err := json.Marshal(v); err == nil {
		texts = append(texts, string(b))
	}
	timeless := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{} // its digits would look like something by chance
		}
		return a
	}}
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, timeless) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, timeless) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).LogAttrs(t.Context(), slog.LevelError, "printed", slog.Any("value", v))
		texts = append(texts, b.String())
	}
	return texts
}

func TestNothingPrintsTheSecret(t *testing.T) {
	t.Parallel()
	params := b24.HookParams{URL: "https://your-domain.bitrix24.com", UserID: 1, Secret: b24.NewSecret(marker)}
	h, err := b24.NewHook(params)
	require.NoError(t, err)
	data, _ := h.Auth().AuthData()
	type owner struct {
		Hook   *b24.Hook
		Client b24.Client
		Auth   b24.Auth
		Data   b24.AuthData
		hidden *b24.Hook
	}
	for _, v := range []any{
		h, *h, params, &params, params.Secret, &params.Secret, h.Auth(), data, &data, h.HTTPClient(), h.Logger(), h.Stats(),
		owner{h, h, h.Auth(), data, h},
		[]any{h, params},
		map[string]any{"hook": h, "params": params, "auth": h.Auth()},
	} {
		for _, text := range printed(t, v) {
			assert.NotContains(t, text, marker)
			assert.NotContains(t, text, fmt.Sprintf("%x", marker))
		}
	}
}

func TestInsecureHTTP(t *testing.T) {
	t.Parallel()
	h, err := b24.FromWebhookURL("http://b24.test.lan:80/rest/1/"+marker, b24.WithInsecureHTTP())
	require.NoError(t, err)
	assert.Equal(t, "http://b24.test.lan", h.TargetOrigin())
	plain, err := b24.NewHook(b24.HookParams{URL: "http://acme.bitrix24.com:80", UserID: 1, Secret: b24.NewSecret(marker)})
	require.NoError(t, err)
	assert.Equal(t, "https://acme.bitrix24.com", plain.TargetOrigin()) // the port was that of http

	h, err = b24.NewHook(b24.HookParams{URL: "http://b24.test.lan", UserID: 1, Secret: b24.NewSecret(marker)}, b24.WithInsecureHTTP())
	require.NoError(t, err)
	assert.Equal(t, "http://b24.test.lan", h.TargetOrigin())
}

func FuzzFromWebhookURL(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""},
		{"https://your_domain.bitrix24.com/rest/1/", "/"},
		{"https://your-domain.bitrix24.com/rest/api/1/", "/crm.deal.list.json?start=50#top"},
		{"https://user:pass@b24.example.com:8443/a%20b//rest/2/", ""},
		{"https://[2001:db8::1]:443/rest/9223372036854775807/", "-_"},
		{"http://localhost/rest/1/", ""},
		{"https://127.0.0.1:80/rest/0/", ""},
		{"https://портал.рф/rest/1/", "%2F.."},
		{"https://%D0%BF.example/rest/rest/1/", "/rest/1/x"},
		{"https://", ".bitrix24.com/rest/1/x"},
		{"https://a:", "/rest/1/x"},
		{"ftp://a/", "/1/x"},
		{"\x00https://a/rest/1/", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		h, err := b24.FromWebhookURL(before + marker + after)
		if err != nil {
			require.ErrorIs(t, err, b24.ErrInvalidWebhookURL)
			for _, text := range printed(t, err) {
				require.NotContains(t, text, marker)
			}
			return
		}
		address := h.TargetOriginWithPath()
		again, err := b24.FromWebhookURL(address)
		require.NoError(t, err)
		require.Equal(t, address, again.TargetOriginWithPath())
		require.Equal(t, h.TargetOrigin(), again.TargetOrigin())
		data, _ := h.Auth().AuthData()
		other, _ := again.Auth().AuthData()
		require.True(t, data.AccessToken.Equal(other.AccessToken))
		require.True(t, strings.HasSuffix(address, "/"+data.AccessToken.Reveal()))
		data.AccessToken, other.AccessToken = b24.Secret{}, b24.Secret{}
		require.Equal(t, data, other)
		parsed, err := url.Parse(address)
		require.NoError(t, err)
		require.Empty(t, parsed.RawQuery+parsed.Fragment)
		require.Nil(t, parsed.User)
		require.True(t, parsed.Scheme == "https" || isLoopback(parsed.Hostname()), address)
	})
}

func isLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.TrimSuffix(host, ".") == "localhost" ||
		strings.HasSuffix(host, ".localhost.") || net.ParseIP(strings.TrimSuffix(host, ".")).IsLoopback()
}
