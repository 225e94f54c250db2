package filter_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

// What the client sends is what was built, a fraction of zeros too; what cannot be sent is named and goes nowhere.
func TestThroughTheClient(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.Handle("m", func(b24test.Request) (any, error) { return true, nil })
	hook, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()))
	require.NoError(t, err)
	defer func() { assert.NoError(t, hook.Close()) }()

	_, err = hook.CallMethod(t.Context(), "m", b24.Params{"filter": filter.And(filter.Gt("price", 10.0), filter.Eq("name", "<я>"))})
	require.NoError(t, err)
	//nolint:testifylint // encoded-compare: 10.0 and 10 are not the same here
	assert.Equal(t, `{"filter":[["price",">",10.0],["name","=","<я>"]]}`, string(p.Requests()[0].RawBody))

	_, err = hook.CallMethod(t.Context(), "m", b24.Params{"filter": filter.Eq("price", nan())})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.ErrorContains(t, err, `filter: "price" =: the float64 NaN has no JSON form`)
	assert.Len(t, p.Requests(), 1)
}
