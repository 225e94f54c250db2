package b24

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// withBearer is a portal that is let in by a token, at some address.
func withBearer(token string) *target {
	var at func(origin string, slash bool) *target
	at = func(origin string, slash bool) *target {
		return &target{
			origin: origin, slash: slash, at: at, base: func() (string, string) { return origin + "/rest/", "" },
			bearer: func() string { return "Bearer " + token },
		}
	}
	return at("https://renewed.bitrix24.com", false)
}

// tokenClient calls a portal that takes the token "new" only; fresh is what renewals bring.
func tokenClient(t *testing.T, fresh string) (call func(d dialect, opts ...CallOption) error, seen *[]string) {
	t.Helper()
	seen = &[]string{}
	cfg, err := newConfig([]Option{WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		*seen = append(*seen, r.Header.Get("Authorization")+" "+r.URL.Path)
		status, text := http.StatusOK, `{"result":1}`
		if r.Header.Get("Authorization") != "Bearer new" {
			status, text = http.StatusUnauthorized, `{"error":"expired_token","error_description":"The access token provided has expired."}`
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text))}, nil
	})})})
	require.NoError(t, err)
	c := newClient(withBearer("old"), "app", cfg, redact.New("old"))
	t.Cleanup(c.close)
	c.renew = func(_ context.Context, stale *target) (*target, error) {
		*seen = append(*seen, "renew "+stale.bearer())
		if fresh == "" {
			return nil, errors.New("the OAuth server is down")
		}
		return withBearer(fresh), nil
	}
	return func(d dialect, opts ...CallOption) error {
		_, err := (&caller{c: hide(c), dialect: d}).CallMethod(t.Context(), "crm.deal.add", nil, opts...)
		return err
	}, seen
}

// A key that the portal refuses is renewed once a call, and what it brought is kept for the next.
func TestRefusedKeyIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for path, d := range map[string]dialect{"/rest/crm.deal.add": classic{}, "/rest/api/crm.deal.add": rest3{}} {
		call, seen := tokenClient(t, "new")
		require.NoError(t, call(d))
		require.NoError(t, call(d))
		assert.Equal(t, []string{"Bearer old " + path, "renew Bearer old", "Bearer new " + path, "Bearer new " + path}, *seen)

		call, seen = tokenClient(t, "wrong")
		require.ErrorIs(t, call(d), ErrExpiredToken)
		assert.Equal(t, []string{"Bearer old " + path, "renew Bearer old", "Bearer wrong " + path}, *seen)

		call, seen = tokenClient(t, "")
		err := call(d)
		require.ErrorIs(t, err, ErrExpiredToken, "the refusal is what the caller is told")
		assert.Equal(t, OutcomeRefused, OutcomeOf(err))
		assert.Len(t, *seen, 2)

		call, seen = tokenClient(t, "new")
		require.ErrorIs(t, call(d, WithoutRetry()), ErrExpiredToken)
		assert.Len(t, *seen, 1)
	}
}
