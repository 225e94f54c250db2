package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLeaksAreFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const secret = `a+b/c "d`
	for _, text := range []string{
		"x" + secret + "y", url.QueryEscape(secret), url.PathEscape(secret), "https://a/?to=" + url.QueryEscape("https://b/"+url.QueryEscape(secret)),
		fmt.Sprintf("%q", secret), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("%d", []byte(secret)),
		base64.StdEncoding.EncodeToString([]byte(secret)), `a+b\/c \"d`, "a%2bb%2fc+%22d",
	} {
		found := &findings{}
		newLeaks(found, "other", secret).search("test", []byte(text))
		assert.Equal(t, 1, found.count(secretsSeen), text)
		assert.NotContains(t, found.examples[0], secret)
	}
	found := &findings{}
	newLeaks(found, secret).search("test", []byte("a+b/c"))
	assert.Zero(t, found.total())
}

// deep is an error that only its chain or its fields give away.
type deep struct {
	Hidden string
	err    error
}

func (deep) Error() string   { return "nothing to see" }
func (d deep) Unwrap() error { return d.err }

func TestLeaksAreFoundInErrorsValuesAndRecords(t *testing.T) {
	t.Parallel()
	secret := errors.New("at " + hookSecret)
	for name, show := range map[string]func(l *leaks){
		"error":          func(l *leaks) { l.failure(secret) },
		"wrapped":        func(l *leaks) { l.failure(fmt.Errorf("x: %w", secret)) },
		"hidden beneath": func(l *leaks) { l.failure(deep{err: deep{err: secret}}) },
		"joined":         func(l *leaks) { l.failure(deep{err: errors.Join(errors.New("y"), deep{err: secret})}) },
		"field":          func(l *leaks) { l.failure(deep{Hidden: hookSecret}) },
		"value":          func(l *leaks) { l.value("test", map[string]any{"a": []string{hookSecret}}) },
		"parameter":      func(l *leaks) { l.value("test", paramSecret) },
		"record": func(l *leaks) {
			slog.New(slog.NewJSONHandler(l, nil)).LogAttrs(t.Context(), slog.LevelInfo, "x", slog.String("p", paramSecret))
		},
	} {
		found := &findings{}
		l := newLeaks(found, hookSecret, paramSecret)

		show(l)

		assert.Positive(t, found.count(secretsSeen), name)
		assert.Positive(t, l.bytes.Load(), name)
	}
	found := &findings{}
	newLeaks(found, hookSecret, paramSecret).failure(fmt.Errorf("x: %w", errors.New("*** is masked")))
	assert.Zero(t, found.total())
}
