package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// change puts a deal into a portal, changed at a time of the day.
func change(portal *b24test.Portal, id int, stage, at string) {
	portal.Seed("crm.deal", b24.Params{
		"ID": id, "TITLE": "Order " + strconv.Itoa(id), "STAGE_ID": stage, "DATE_MODIFY": "2030-01-31T" + at + "+00:00",
	})
}

// again runs once more and returns what was told.
func again(t *testing.T, portal *b24test.Portal, file string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"-state", file, "-overlap", "1m"}, portal.WebhookURL()))
	return out.String()
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	err := run(t.Context(), &out, nil, "")

	require.NoError(t, err)
	assert.Equal(t, `deal 1: "Order 1" in NEW
deal 2: "Order 2" in NEW
deal 3: "Order 3" in NEW
3 changes
deal 2: "Order 2" in WON
deal 4: "Order 4" in NEW
2 changes
`, out.String())
}

func TestRunTellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	file := filepath.Join(t.TempDir(), "state")
	assert.Equal(t, "0 changes\n", again(t, portal, file))

	change(portal, 1, "NEW", "09:00:00")
	change(portal, 2, "NEW", "09:30:00")
	assert.Equal(t, "deal 1: \"Order 1\" in NEW\ndeal 2: \"Order 2\" in NEW\n2 changes\n", again(t, portal, file))
	assert.Equal(t, "0 changes\n", again(t, portal, file))

	change(portal, 3, "NEW", "09:30:00") // the second of the watermark
	change(portal, 2, "WON", "09:30:00")
	change(portal, 4, "NEW", "09:29:10") // written late, within the overlap
	assert.Equal(t, "deal 2: \"Order 2\" in WON\ndeal 3: \"Order 3\" in NEW\ndeal 4: \"Order 4\" in NEW\n3 changes\n", again(t, portal, file))
	assert.Equal(t, "0 changes\n", again(t, portal, file))
}

// A deal behind the place where the list is being read, and then one before it:
// the later time of the second must not hide the first.
func TestRunTellsWhatChangesWhileItReads(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	for i := range 200 {
		change(portal, i+1, "NEW", "09:00:00")
	}
	file := filepath.Join(t.TempDir(), "state")
	first := &onLine{want: "deal 50:", do: func() {
		change(portal, 10, "LATE", "10:00:00")
		change(portal, 190, "LATE", "10:30:00")
	}}
	require.NoError(t, run(t.Context(), first, []string{"-state", file, "-overlap", "1m"}, portal.WebhookURL()))
	require.NotContains(t, first.String(), `deal 10: "Order 10" in LATE`)

	assert.Contains(t, again(t, portal, file), `deal 10: "Order 10" in LATE`)
}

// onLine does something when a line begins as wanted.
type onLine struct {
	strings.Builder

	want string
	do   func()
}

func (o *onLine) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), o.want) {
		o.do()
	}
	return o.Builder.Write(p)
}

// A run that ends in the middle stores nothing: the next one tells all of it.
func TestRunStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	var want strings.Builder
	for i := range 200 {
		change(portal, i+1, "NEW", "09:00:00")
		fmt.Fprintf(&want, "deal %d: \"Order %d\" in NEW\n", i+1, i+1)
	}
	file := filepath.Join(t.TempDir(), "state")
	portal.Fault("batch", b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied, Description: "no", Status: http.StatusForbidden}))
	require.ErrorIs(t, run(t.Context(), &strings.Builder{}, []string{"-state", file}, portal.WebhookURL()), b24.ErrAccessDenied)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := &onLine{want: "deal 20:", do: cancel}
	require.ErrorIs(t, run(ctx, stopped, []string{"-state", file}, portal.WebhookURL()), context.Canceled)
	require.ErrorIs(t, run(t.Context(), full{}, []string{"-state", file}, portal.WebhookURL()), errFull)
	assert.NoFileExists(t, file)

	assert.Equal(t, want.String()+"200 changes\n", again(t, portal, file))
	assert.Equal(t, "0 changes\n", again(t, portal, file))
}

// The newest deal is gone: time does not go back.
func TestRunAfterADeletion(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	change(portal, 1, "NEW", "09:00:00")
	change(portal, 2, "NEW", "12:00:00")
	file := filepath.Join(t.TempDir(), "state")
	again(t, portal, file)
	hook, err := b24.FromWebhookURL(portal.WebhookURL())
	require.NoError(t, err)
	_, err = hook.CallMethod(t.Context(), "crm.deal.delete", b24.Params{"id": 2})
	require.NoError(t, err)

	assert.Equal(t, "0 changes\n", again(t, portal, file))
	assert.Equal(t, "0 changes\n", again(t, portal, file))
}

// What is read back further than before was told long ago.
func TestRunWithAnotherOverlap(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	change(portal, 1, "NEW", "08:00:00")
	change(portal, 2, "NEW", "09:30:00")
	file := filepath.Join(t.TempDir(), "state")
	again(t, portal, file)
	change(portal, 3, "NEW", "09:40:00")
	for _, step := range []struct{ overlap, want string }{
		{"0s", "deal 3: \"Order 3\" in NEW\n1 changes\n"}, {"3h", "0 changes\n"}, {"3h", "0 changes\n"}, {"0s", "0 changes\n"},
	} {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, []string{"-state", file, "-overlap", step.overlap}, portal.WebhookURL()))
		assert.Equal(t, step.want, out.String(), step.overlap)
	}
}

// The watermark of one portal would hide what changed at another.
func TestRunWithTheStateOfAnotherPortal(t *testing.T) {
	t.Parallel()
	portal, other := b24test.NewPortal(t), b24test.NewPortal(t)
	change(portal, 1, "NEW", "09:00:00")
	change(other, 1, "NEW", "08:00:00")
	file := filepath.Join(t.TempDir(), "state")
	again(t, portal, file)
	var out strings.Builder

	err := run(t.Context(), &out, []string{"-state", file}, other.WebhookURL())

	require.ErrorContains(t, err, "is about http://127.0.0.1:")
	assert.Empty(t, out.String())
	assert.Equal(t, "0 changes\n", again(t, portal, file))
}

// A state that can never be stored would have all told again by each run.
func TestRunWhereNoStateCanBe(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	change(portal, 1, "NEW", "09:00:00")
	var out strings.Builder

	err := run(t.Context(), &out, []string{"-state", filepath.Join(t.TempDir(), "none", "state")}, portal.WebhookURL())

	require.ErrorIs(t, err, os.ErrNotExist)
	assert.Empty(t, out.String())
}

func TestRunBadArguments(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	file := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	for want, args := range map[string][]string{
		"what is":     {"more"},
		"is negative": {"-overlap", "-1s"},
		"not defined": {"-since", "now"},
		file:          {"-state", file},
	} {
		assert.ErrorContains(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()), want)
	}
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, portal.WebhookURL()))
	assert.Empty(t, portal.Requests())
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }
