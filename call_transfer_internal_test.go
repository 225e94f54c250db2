package b24

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/door"
	"github.com/b24go/b24/internal/redact"
)

// tokenTransfers are the transfers of a client with a token, and what is sent.
func tokenTransfers(t *testing.T, answer func(r *http.Request) *http.Response) (tr door.Transfers, sent *[]string) {
	t.Helper()
	sent = &[]string{}
	cfg, err := newConfig([]Option{WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		*sent = append(*sent, strings.TrimSpace(r.Header.Get("Authorization")+" "+r.URL.Host))
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return answer(r), nil
	})})})
	require.NoError(t, err)
	c := newClient(withBearer("t0kenmarker"), "app", cfg, redact.New("t0kenmarker"))
	t.Cleanup(c.close)
	return (&caller{c: hide(c), dialect: classic{}}).Transfers(door.NewKey()), sent
}

func fileAnswer(status int, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("x")), ContentLength: 1}
}

// The token goes to what the portal signed, and nowhere else.
func TestTokenGoesToSignedLinksOnly(t *testing.T) {
	t.Parallel()
	const own, signed = "https://renewed.bitrix24.com", "token=disk%7Cx%7Csignature"
	const with, bare = "Bearer t0kenmarker renewed.bitrix24.com", "renewed.bitrix24.com"
	for link, want := range map[string][]string{
		own + "/rest/download.json?" + signed:                                      {with},
		"/rest/crm.controller.item.getFile.json?" + signed:                         {with},
		own + "/rest/download.json?auth=abc&" + signed:                             {bare},
		own + "/rest/crm.deal.delete?id=5&" + signed:                               {bare}, // the portal refuses it: no key
		own + "/rest/crm.deal.delete?" + strings.Repeat("a&", 1000) + "&" + signed: {bare},
		own + "/upload/x.png":                                                      {bare},
		own + "/upload/x.png?" + signed:                                            {bare},
		"https://cdn.example/rest/download.json?" + signed:                         {"cdn.example"},
		"https://renewed.bitrix24.com.evil.example/rest/download.json?" + signed:   {"renewed.bitrix24.com.evil.example"},
		own + "/rest/crm.deal.delete?id=5":                                         nil,
		own + "/rest/crm.deal.delete?id=5&token=1":                                 nil,
		own + ":8443/rest/download.json?" + signed:                                 {"renewed.bitrix24.com:8443"},
		"http://renewed.bitrix24.com/rest/download.json?" + signed:                 {with},
	} {
		tr, sent := tokenTransfers(t, func(*http.Request) *http.Response {
			return fileAnswer(200, http.Header{"Content-Disposition": {"attachment"}})
		})
		ctx, one := tr.Begin(t.Context(), "download")
		s, err := one.Get(ctx, door.Get{Link: link})
		one.End(ctx, err)
		if err == nil {
			require.NoError(t, s.Body.Close())
		}
		assert.Equal(t, want, append([]string(nil), *sent...), link)
		assert.Equal(t, want == nil, err != nil, link)
	}
}

func TestTokenIsNotSentOn(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"https://cdn.example/x", "/rest/other.json?token=disk%7Cx%7Csignature", "/upload/x"} {
		tr, sent := tokenTransfers(t, func(r *http.Request) *http.Response {
			if strings.Contains(r.URL.Path, "download") {
				return fileAnswer(302, http.Header{"Location": {to}})
			}
			return fileAnswer(200, http.Header{"Content-Disposition": {"attachment"}})
		})
		ctx, one := tr.Begin(t.Context(), "download")
		_, err := one.Get(ctx, door.Get{Link: "/rest/download.json?token=disk%7Cx%7Csignature"})
		require.NoError(t, err)
		one.End(ctx, nil)
		require.Len(t, *sent, 2)
		assert.Contains(t, (*sent)[0], "Bearer")
		assert.NotContains(t, (*sent)[1], "Bearer")
	}
	tr, sent := tokenTransfers(t, func(*http.Request) *http.Response {
		return fileAnswer(307, http.Header{"Location": {"https://evil.example/"}})
	})
	ctx, one := tr.Begin(t.Context(), "upload")
	_, err := one.Post(ctx, door.Post{Link: "/rest/upload.json?token=disk%7Cx%7Csignature", Body: strings.NewReader("x"), Size: 1})
	require.Error(t, err)
	assert.Equal(t, []string{"Bearer t0kenmarker renewed.bitrix24.com"}, *sent)
}

// Code outside of this module can make a zero key by inference of types.
func TestZeroKeyOpensNothing(t *testing.T) {
	t.Parallel()
	assert.Nil(t, withZero((&caller{}).Transfers))
}

func withZero[K, V any](f func(K) V) V {
	var key K
	return f(key)
}

// A cookie would change who asks, and the time of a client is not that of a file.
func TestTransfersIgnoreTheJarAndTheTimeout(t *testing.T) {
	t.Parallel()
	var cookies []string
	cfg, err := newConfig([]Option{WithHTTPClient(&http.Client{Timeout: 1, Jar: jar{}, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		return fileAnswer(200, http.Header{"Content-Disposition": {"attachment"}}), r.Context().Err()
	})})})
	require.NoError(t, err)
	c := newClient(withBearer("t0kenmarker"), "app", cfg, redact.New())
	t.Cleanup(c.close)
	ctx, one := (&caller{c: hide(c), dialect: classic{}}).Transfers(door.NewKey()).Begin(context.Background(), "download") //nolint:usetesting // without a deadline
	_, err = one.Get(ctx, door.Get{Link: "/x"})
	require.NoError(t, err)
	assert.Equal(t, []string{""}, cookies)
}

type jar struct{ http.CookieJar }
