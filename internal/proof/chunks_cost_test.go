//go:build !race && !386

package proof_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// referring is a batch of n commands, all but the first of which refer to it.
func referring(n int) *b24.Batch {
	var b b24.Batch
	first := b24.Queue[b24.ID](&b, "my.thing.add", nil)
	params := b24.Params{"id": first.Ref("id")}
	for range n - 1 {
		b.Add("my.thing.update", params)
	}
	return &b
}

// Commands that all refer to one are found to be too many in a time that grows as they do.
func TestManyReferencesToOneCommand(t *testing.T) { //nolint:paralleltest // it compares times
	const n = 100_000
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/" + marker)
	require.NoError(t, err)
	took := func(call func(b *b24.Batch) (*b24.BatchResult, error)) time.Duration {
		b := referring(n)
		began := time.Now()
		_, err := call(b)
		require.ErrorIs(t, err, b24.ErrBatchTooLong)
		return time.Since(began)
	}
	for tries := 3; ; tries-- {
		encoding := took(func(b *b24.Batch) (*b24.BatchResult, error) { return h.V3().CallBatch(t.Context(), b) })
		cutting := took(func(b *b24.Batch) (*b24.BatchResult, error) { return h.V3().CallBatchByChunk(t.Context(), b) })
		t.Log(encoding, cutting)
		if cutting < 3*encoding {
			return
		}
		require.Positive(t, tries, "the machine may be busy, but not so often")
	}
}

// So are calls one by one, of which each begins where the one before it ended.
func TestManySingleCallsThatReferToOne(t *testing.T) { //nolint:paralleltest // it compares times
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, b24.WithPlan(b24.PlanUnlimited),
		b24.WithOperatingLimit(0), b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return answered(200, nil, `{"result":{"id":7}}`), nil
		})}))
	require.NoError(t, err)
	each := func(n int) time.Duration {
		b := referring(n)
		began := time.Now()
		r, err := h.CallBatchByChunk(t.Context(), b, b24.WithSingleCalls())
		require.NoError(t, err)
		assert.Equal(t, n, r.Len())
		return time.Since(began) / time.Duration(n)
	}
	for tries := 3; ; tries-- {
		few, many := each(1000), each(20_000)
		t.Log(few, many)
		if many < 3*few {
			return
		}
		require.Positive(t, tries, "the machine may be busy, but not so often")
	}
}
