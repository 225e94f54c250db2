package b24_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

func TestFromWebhookURL(t *testing.T) {
	t.Parallel()
	const plain = "https://your-domain.bitrix24.com/rest/1/" + marker
	for _, test := range []struct{ address, want string }{
		{plain, plain}, // acceptance 6
		{plain + "/", plain},
		{" \t" + plain + "/\n", plain},
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker, plain}, // acceptance 7
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker + "/", plain},
		{"https://your-domain.bitrix24.com//rest///1//" + marker + "//", plain}, // acceptance 8
		{plain + "/?auth=x&rest=/rest/2/y", plain},
		{plain + "/#/rest/2/y", plain},
		{"https://user:pass@your-domain.bitrix24.com/rest/1/" + marker, plain},
		{"HTTPS://Your-Domain.Bitrix24.COM/rest/1/" + marker, plain},
		{"https://your-domain.bitrix24.com:443/rest/1/" + marker, plain}, // acceptance 9
		{"https://b24.example.com:8443/rest/1/" + marker, "https://b24.example.com:8443/rest/1/" + marker},
		{"https://b24.example.com:80/rest/1/" + marker, "https://b24.example.com:80/rest/1/" + marker},
		{"https://[2001:DB8::1]/rest/1/" + marker, "https://[2001:db8::1]/rest/1/" + marker},
		{"https://[2001:db8::1]:8443/rest/1/" + marker, "https://[2001:db8::1]:8443/rest/1/" + marker},
		{"https://b24.example.com/sub/rest/1/" + marker, "https://b24.example.com/sub/rest/1/" + marker}, // acceptance 10
		{"https://b24.example.com/a//b/rest/api/7/" + marker + "/", "https://b24.example.com/a/b/rest/7/" + marker},
		{"https://b24.example.com/rest/1/old/rest/2/" + marker, "https://b24.example.com/rest/1/old/rest/2/" + marker}, // the last /rest/ counts
		{"https://b24.example.com/a%20b/rest/2/" + marker, "https://b24.example.com/a%20b/rest/2/" + marker},
		{plain + "/crm.deal.list.json", plain}, // acceptance 11
		{plain + "/crm.deal.list.json?start=50", plain},
		{plain + "/profile/", plain},
		{"https://your-domain.bitrix24.com/rest/api/1/" + marker + "/tasks.task.get", plain},
		{
			"https://your-domain.bitrix24.com/rest/9223372036854775807/" + marker,
			"https://your-domain.bitrix24.com/rest/9223372036854775807/" + marker,
		},
		{"https://your_domain.bitrix24.com/rest/1/" + marker + "/", "https://your_domain.bitrix24.com/rest/1/" + marker}, // acceptance 16
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
		{"", b24.WebhookURLEmpty}, // acceptance 1
		{" \t\r\n", b24.WebhookURLEmpty},
		{"http://hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS}, // acceptance 2
		{"http://127.0.0.1.hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://localhost.hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://localhost@hostmark.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"http://10.0.0.1/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"ftp://hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLNotHTTPS},
		{"hostmark.bitrix24.com/rest/7151/secretmark/", b24.WebhookURLInvalid}, // acceptance 3
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
		{"https://hostmark.com/rest/secretmark/7151/", b24.WebhookURLUserID}, // acceptance 4
		{"https://hostmark.com/rest/api/secretmark/7151/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/0/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/-7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/+7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7151.0/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7_151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/0x7151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/٧١٥١/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/%37151/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/71511234567890123456/secretmark/", b24.WebhookURLUserID}, // acceptance 12
		{"https://hostmark.com/rest/9223372036854775808/secretmark/", b24.WebhookURLUserID},
		{"https://hostmark.com/rest/7151", b24.WebhookURLMalformed}, // acceptance 5
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
		{"your-domain.bitrix24.com", plain}, // acceptance 14
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
		{b24.HookParams{URL: "hostmark.com", UserID: 7151}, b24.WebhookURLSecret}, // acceptance 13
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
	// acceptance 13
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
	// acceptance 15
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
