package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func seedDismissed(p *b24test.Portal) {
	p.Seed("user",
		b24.Params{"ID": 29, "NAME": "Klaus", "LAST_NAME": "Weber", "ACTIVE": false},
		b24.Params{"ID": 30, "NAME": "Klaus", "LAST_NAME": "Weber", "ACTIVE": true},
		b24.Params{"ID": 31, "NAME": "Klaus-Peter", "LAST_NAME": "Weber", "ACTIVE": false},
	)
	p.Seed("bizproc.task",
		b24.Params{"ID": 879, "WORKFLOW_ID": "67e3db8e581121.72266518", "STATUS": 0, "USERS": []b24.Params{{"USER_ID": 29}}},
		b24.Params{"ID": 880, "WORKFLOW_ID": "67e3db8e581121.72266518", "STATUS": 0, "USERS": []b24.Params{{"USER_ID": 29}}},
		b24.Params{"ID": 881, "WORKFLOW_ID": "done", "STATUS": 1, "USERS": []b24.Params{{"USER_ID": 29}}},
		b24.Params{"ID": 882, "WORKFLOW_ID": "another", "STATUS": 0, "USERS": []b24.Params{{"USER_ID": 30}}},
	)
}

func TestWorkflowsOfDismissed(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedDismissed(p)

	ids, err := ported.WorkflowsOfDismissed(t.Context(), hook, "Klaus", "Weber")

	require.NoError(t, err)
	assert.Equal(t, []b24.ID{"67e3db8e581121.72266518"}, ids)
}

func TestWorkflowsOfDismissedName(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	seedDismissed(p)
	p.Seed("user", b24.Params{"NAME": "Ann", "LAST_NAME": "Fox", "ACTIVE": false}, b24.Params{"NAME": "Ann", "LAST_NAME": "Fox", "ACTIVE": false})
	for _, names := range [][2]string{{"", ""}, {"Klaus", ""}, {"Nobody", "Weber"}, {"Ann", "Fox"}} {
		ids, err := ported.WorkflowsOfDismissed(t.Context(), hook, names[0], names[1])
		assert.Error(t, err, names)
		assert.Empty(t, ids, names)
	}
	assert.Zero(t, p.Calls("bizproc.task.list"))
}
