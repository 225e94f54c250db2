package main

import (
	"errors"
	"os"
	"path/filepath"
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
	require.NoError(t, run(t.Context(), &out, nil, ""))
	assert.Equal(t, `created task 3, its answer was lost at first: true
the newest tasks:
  3  "Created by the example tasks3 of b24" by Ann for Ann
  2  "Call back" by Bob for nobody, part of "Send the offer"
  1  "Send the offer" by Ann for Bob
3 events in the log so far
event 4: TASK_UPDATE by user 2
event 5: USER_LOGOUT by user 1
2 events since the last run
`, out.String())
}

func TestRunEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"tasks.task.add", "tasks.task.list", "main.eventlog.tail"} {
		portal := b24test.NewPortal(t)
		portal.Fault(method, b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION", Status: 403}))
		file := filepath.Join(t.TempDir(), "state")
		require.ErrorIs(t, run(t.Context(), &strings.Builder{}, []string{"-state", file}, portal.WebhookURL()), b24.ErrAccessDenied, method)
		assert.NoFileExists(t, file)
	}
}

// follow runs and returns what was told about the log.
func follow(t *testing.T, portal *b24test.Portal, file string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"-state", file}, portal.WebhookURL()))
	tasks := strings.LastIndex(out.String(), "\n  ")
	return out.String()[tasks+1+strings.Index(out.String()[tasks+1:], "\n")+1:]
}

func TestRunTellsEachEventOnce(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	file := filepath.Join(t.TempDir(), "state")
	assert.Equal(t, "0 events in the log so far\n", follow(t, portal, file))
	assert.Equal(t, "0 events since the last run\n", follow(t, portal, file))
	portal.V3().SeedN("main.eventlog", 100, func(int) b24.Params { return b24.Params{"auditTypeId": "A", "userId": 7} })
	assert.Equal(t, 100, strings.Count(follow(t, portal, file), ": A by"))
	assert.Equal(t, "0 events since the last run\n", follow(t, portal, file))

	portal.V3().Seed("main.eventlog", b24.Params{"auditTypeId": "B", "userId": 7})
	assert.Equal(t, "event 101: B by user 7\n1 events since the last run\n", follow(t, portal, file))
	portal.V3().SeedN("main.eventlog", 120, func(int) b24.Params { return b24.Params{"auditTypeId": "C", "userId": 7} })
	assert.Equal(t, 120, strings.Count(follow(t, portal, file), ": C by"))
	assert.Equal(t, "0 events since the last run\n", follow(t, portal, file))
}

// What was not printed is told by the next run.
func TestRunWithAFullDisk(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	file := filepath.Join(t.TempDir(), "state")
	portal.V3().Seed("main.eventlog", b24.Params{"auditTypeId": "A", "userId": 7})
	follow(t, portal, file)
	portal.V3().Seed("main.eventlog", b24.Params{"auditTypeId": "B", "userId": 7})

	require.ErrorIs(t, run(t.Context(), full{}, []string{"-state", file}, portal.WebhookURL()), errFull)

	assert.Contains(t, follow(t, portal, file), "event 2: B by user 7\n")
}

// full is a disk without room for events.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "event ") {
		return 0, errFull
	}
	return len(p), nil
}

func TestRunNotesWhichPortalThePlaceIsAbout(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state")
	portal := b24test.NewPortal(t)
	portal.V3().Seed("main.eventlog", b24.Params{"auditTypeId": "A", "userId": 7})
	follow(t, portal, file)
	other := b24test.NewPortal(t)

	err := run(t.Context(), &strings.Builder{}, []string{"-state", file}, other.WebhookURL())

	require.ErrorContains(t, err, "is about the log of http://127.0.0.1:")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	require.ErrorContains(t, run(t.Context(), &strings.Builder{}, []string{"-state", file}, portal.WebhookURL()), file)
	nowhere := filepath.Join(t.TempDir(), "none", "state")
	assert.ErrorIs(t, run(t.Context(), &strings.Builder{}, []string{"-state", nowhere}, portal.WebhookURL()), os.ErrNotExist)
}

func TestRunBadArguments(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	require.ErrorContains(t, run(t.Context(), &strings.Builder{}, []string{"more"}, portal.WebhookURL()), "what is")
	require.ErrorContains(t, run(t.Context(), &strings.Builder{}, []string{"-since", "now"}, portal.WebhookURL()), "not defined")
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, portal.WebhookURL()))
	assert.Empty(t, portal.Requests())
}
