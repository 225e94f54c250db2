package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

const written = `3 companies, the newest first:
  3  Gamma
  2  Beta & Sons
  1  Alpha
created deal 1: "Created by the quickstart of b24", 1500.50 EUR, opened: true, closes on 2030-12-31, has a time of creation: true
deal 999999999: there is no such deal
`

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	err := run(t.Context(), &out, "")

	require.NoError(t, err)
	assert.Equal(t, written, out.String())
}

func TestRunOnAGivenPortal(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t) // on a socket: the program gets nothing but the address
	portal.Seed("crm.deal", b24.Params{"ID": 999999999})
	var out strings.Builder

	err := run(t.Context(), &out, portal.WebhookURL())

	require.NoError(t, err)
	assert.Equal(t, `0 companies, the newest first:
created deal 1000000000: "Created by the quickstart of b24", 1500.50 EUR, opened: true, closes on 2030-12-31, has a time of creation: true
deal 999999999: it exists, of all things
`, out.String())
}

func TestRunEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	for method, written := range map[string]string{
		"crm.company.list": "",
		"crm.deal.add":     "0 companies, the newest first:\n",
	} {
		portal := b24test.NewPortal(t)
		portal.Fault(method, b24test.OverloadLimit())
		var out strings.Builder

		err := run(t.Context(), &out, portal.WebhookURL())

		var e *b24.Error
		require.ErrorAs(t, err, &e, method)
		assert.Equal(t, method, e.Method)
		assert.Equal(t, written, out.String())
	}
}

func TestRunTellsALostDealFromARefusedOne(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Fault("crm.deal.add", b24test.ResetAfter(), b24test.OverloadLimit())
	var out strings.Builder

	err := run(t.Context(), &out, portal.WebhookURL())
	require.ErrorContains(t, err, "look for the deal")
	err = run(t.Context(), &out, portal.WebhookURL())
	require.ErrorIs(t, err, b24.ErrOverloadLimit)
	assert.NotContains(t, err.Error(), "look for the deal")
}

func TestRunBadAddress(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	err := run(t.Context(), &out, "http://acme.bitrix24.com/rest/1/abc123/")

	require.ErrorIs(t, err, b24.ErrInvalidWebhookURL)
	assert.NotContains(t, err.Error(), "abc123")
}

func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder

	assert.ErrorIs(t, run(ctx, &out, ""), context.Canceled)
}

func TestRunClosedPipe(t *testing.T) {
	t.Parallel()
	assert.ErrorIs(t, run(t.Context(), full{}, ""), errFull)
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }
