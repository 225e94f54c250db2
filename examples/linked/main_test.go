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

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, ""))
	assert.Equal(t, "company 1\ncontact 1\ndeal 1\n", out.String())
}

func TestTheThreeBelongTogether(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Seed("crm.company", b24.Params{"ID": 7})
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, portal.WebhookURL()))
	assert.Len(t, portal.HTTPRequests(), 1)
	deal := portal.Rows("crm.deal")[0]
	assert.Equal(t, "8", deal["COMPANY_ID"])
	assert.Equal(t, "1", deal["CONTACT_ID"])
}

func TestFailureSaysWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method string
		fault  b24test.Fault
		want   string
	}{
		"refused": {"crm.contact.add", b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED"}), "company 1\ncontact: refused\ndeal: not created\n"},
		"lost": {
			"batch", b24test.ResetAfter(),
			"company: may have been created, look for it\ncontact: may have been created, look for it\ndeal: may have been created, look for it\n",
		},
	} {
		portal := b24test.NewPortal(t)
		portal.Fault(test.method, test.fault)
		var out strings.Builder
		require.Error(t, run(t.Context(), &out, portal.WebhookURL()), name)
		assert.Equal(t, test.want, out.String(), name)
	}
}

// "refused" is the portal's word: it says nothing of what it never got.
func TestWhatWasNotSentIsNotRefused(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder

	require.ErrorIs(t, run(ctx, &out, portal.WebhookURL()), context.Canceled)

	assert.Equal(t, "company: not created\ncontact: not created\ndeal: not created\n", out.String())
	assert.Empty(t, portal.Requests())
}

func TestFailureToTellDoesNotHideTheOther(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Fault("crm.contact.add", b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED"}))

	err := run(t.Context(), full{}, portal.WebhookURL())

	require.ErrorIs(t, err, errFull)
	assert.ErrorIs(t, err, b24.ErrAccessDenied)
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }
