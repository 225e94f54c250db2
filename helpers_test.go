package b24_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// marker is a secret that occurs nowhere by chance.
const marker = "s3cr3tmarker7x"

// newPortal starts a portal in memory and a client for it.
func newPortal(t *testing.T, opts ...b24.Option) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
	return p, newHook(t, p, opts...)
}

func newHook(t *testing.T, p *b24test.Portal, opts ...b24.Option) *b24.Hook {
	t.Helper()
	h, err := b24.FromWebhookURL(p.WebhookURL(), append([]b24.Option{b24.WithHTTPClient(p.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// elsewhere returns the address of a renamed portal, which no other test has: the clients of one host
// share its budget, and bubbles of testing/synctest must not share anything.
func elsewhere() string { return fmt.Sprintf("https://new%d.bitrix24.com/", renamed.Add(1)) }

//nolint:gochecknoglobals // a number for each, in all tests of the process
var renamed atomic.Int64

// answers makes method answer with v.
func answers(p *b24test.Portal, method string, v any) {
	p.Handle(method, func(b24test.Request) (any, error) { return v, nil })
}

// body makes method answer with a body as it is.
func body(p *b24test.Portal, method string, status int, text string) {
	answers(p, method, b24test.Raw{Status: status, Body: text})
}

// size is how much a proof covers: a sample, or what the environment variable B24_PROOF asks for: "full" as the gate
// does, which takes two minutes without -race, or "long".
func size(sample, full, long int) int {
	switch os.Getenv("B24_PROOF") {
	case "full":
		return full
	case "long":
		return long
	default:
		return sample
	}
}

// waysToRead are the ways to read a list of deals.
func waysToRead() map[string][]b24.ListOption {
	return map[string][]b24.ListOption{
		"keyset":  {b24.WithPaging(b24.PagingKeyset)},
		"chained": nil,
		"ranges":  {b24.WithConcurrency(8)},
		"offset":  {b24.WithPaging(b24.PagingOffset)},
	}
}

// pick returns one of the faults, or none.
func pick(rnd *rand.Rand, faults ...b24test.Fault) b24test.Fault {
	if rnd.IntN(10) > 0 {
		return b24test.Pass()
	}
	return faults[rnd.IntN(len(faults))]
}
