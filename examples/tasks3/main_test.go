package main

import (
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
	assert.Equal(t, `created task 1, its answer was lost at first: true
tasks:
  1  Created by the example tasks3 of b24
3 events in the log
`, out.String())
}

func TestRunEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"tasks.task.add", "tasks.task.list", "main.eventlog.tail"} {
		portal := b24test.NewPortal(t)
		portal.SeedV3("tasks.task")
		portal.SeedV3("main.eventlog")
		portal.Fault(method, b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION", Status: 403}))
		var out strings.Builder
		require.ErrorIs(t, run(t.Context(), &out, portal.WebhookURL()), b24.ErrAccessDenied, method)
	}
}
