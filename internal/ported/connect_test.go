package ported_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// connect returns a portal in memory and a client for it.
func connect(t *testing.T) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	hook, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()))
	require.NoError(t, err)
	return p, hook
}
