package ported_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedWorkflows(p *b24test.Portal) {
	p.Seed("bizproc.workflow.instances",
		b24.Params{"ID": "660e559f34af10.95144732", "STARTED": "2024-12-04T10:04:24+03:00"},
		b24.Params{"ID": "6639c7b59e9eb5.40607056", "STARTED": "2024-12-31T23:59:59+00:00"},
		b24.Params{"ID": "67e3db8e581121.72266518", "STARTED": "2025-01-01T00:00:00+00:00"},
	)
}

func TestOldWorkflows(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedWorkflows(p)

	old, err := ported.OldWorkflows(t.Context(), hook, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))

	require.NoError(t, err)
	require.Len(t, old, 2)
	require.NoError(t, ported.KillWorkflows(t.Context(), hook, []b24.ID{old[0].ID, old[1].ID}))
	left := p.Rows("bizproc.workflow.instances")
	require.Len(t, left, 1)
	assert.Equal(t, "67e3db8e581121.72266518", left[0]["ID"])
}

func TestKillWorkflowsGoesOn(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedWorkflows(p)

	err := ported.KillWorkflows(t.Context(), hook, []b24.ID{"660e559f34af10.95144732", "", "6639c7b59e9eb5.40607056"})

	require.ErrorIs(t, err, b24.Code("ERROR_WRONG_WORKFLOW_ID"))
	assert.Len(t, p.Rows("bizproc.workflow.instances"), 1)
}

func TestKillWorkflowsAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedWorkflows(p)
	p.Fault("batch", b24test.ResetAfter())

	err := ported.KillWorkflows(t.Context(), hook, []b24.ID{"660e559f34af10.95144732", "6639c7b59e9eb5.40607056"})

	require.NoError(t, err)
	assert.Len(t, p.Rows("bizproc.workflow.instances"), 1)
}

func TestKillNoWorkflows(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	require.NoError(t, ported.KillWorkflows(t.Context(), hook, nil))

	assert.Empty(t, p.Requests())
}
