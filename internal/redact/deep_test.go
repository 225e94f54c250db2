package redact_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/redact"
)

// holder is an error that shows nothing by itself and holds anything.
type holder struct{ hidden any }

func (e *holder) Error() string { return "holder" }
func (e *holder) Unwrap() error { return io.EOF }

// live is an object that others may be changing.
type live struct {
	sync.Mutex

	text string
}

type ring struct {
	next *ring
	text string
}

// What a dump that follows unexported fields would find, no verb of fmt shows.
func TestErrorHidesWhatADumpWouldFind(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(hookURL)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hookURL, http.NoBody)
	require.NoError(t, err)
	loop := &ring{}
	loop.next = &ring{loop, hookURL}
	long := &ring{}
	for range 100_000 {
		long = &ring{next: long}
	}
	for name, hidden := range map[string]any{
		"text":                hookURL,
		"address":             u,
		"request":             r,
		"bytes":               []byte(hookURL),
		"array":               [len(hookSecret)]byte([]byte(hookSecret)),
		"list":                []any{1, struct{ s []string }{[]string{"", hookURL}}},
		"key":                 map[string]int{hookSecret: 1},
		"value":               map[int]any{1: &struct{ e error }{errors.New(hookURL)}},
		"ring":                loop,
		"encoded":             url.QueryEscape(hookURL),
		"what others change":  &live{text: "x"},
		"a cancelled context": r.WithContext(context.WithValue(t.Context(), holder{}, 1)).Context(),
		"more than is read":   long,
	} {
		got := redact.New(hookSecret).Error(fmt.Errorf("x: %w", &holder{hidden}))

		_, found := errors.AsType[*holder](got)
		assert.False(t, found, name)
		require.ErrorIs(t, got, io.EOF)
		require.EqualError(t, got, "x: holder")
	}
}

func TestErrorKeepsWhatADumpMayFind(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for name, hidden := range map[string]any{
		"nothing":      nil,
		"plain values": []any{1, 2.5, true, "text", []int{3}, map[string]any{"a": nil}, (*ring)(nil)},
		"certificates": []*x509.Certificate{{PublicKey: &ec.PublicKey, Raw: []byte("x"), SerialNumber: big.NewInt(7)}, {PublicKey: &key.PublicKey}},
		"tls":          &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{{}}, Err: x509.UnknownAuthorityError{}},
		"functions":    []any{strings.ToUpper, make(chan string)},
	} {
		want := &holder{hidden}
		got, found := errors.AsType[*holder](redact.New(hookSecret).Error(fmt.Errorf("x: %w", want)))
		assert.True(t, found, name)
		assert.Same(t, want, got, name)
	}
	got, found := errors.AsType[*holder](redact.New().Error(&holder{&live{}}))
	assert.True(t, found && got != nil, "without a secret there is nothing to find")
}
