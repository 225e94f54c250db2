package ported

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/b24go/b24"
)

// Workflow is a workflow that runs.
type Workflow struct {
	// ID is a text, 660e559f34af10.95144732 for example.
	ID b24.ID
	// Started is when it began.
	Started b24.DateTime
}

// OldWorkflows returns the workflows that were started before the given moment and still run.
// Review them, then pass those to be deleted to [KillWorkflows].
func OldWorkflows(ctx context.Context, c b24.Client, before time.Time) ([]Workflow, error) {
	return b24.Collect(b24.List[Workflow](ctx, c, "bizproc.workflow.instances", b24.Params{
		"filter": b24.Params{"<STARTED": b24.DateTime{Time: before}},
		"select": []string{"ID", "STARTED"},
	}))
}

// KillWorkflows deletes workflows together with their data. One that cannot be deleted does not
// stop the others; the error names each of them.
func KillWorkflows(ctx context.Context, c b24.Client, ids []b24.ID) error {
	var failed []error
	for id, killed := range b24.Each[bool](ctx, c, slices.Values(ids), func(id b24.ID) b24.Command {
		return b24.Command{Method: "bizproc.workflow.kill", Params: b24.Params{"ID": id}}
	}, b24.WithIdempotent()) {
		if killed.Err != nil {
			failed = append(failed, fmt.Errorf("workflow %s: %w", id, killed.Err))
		}
	}
	return errors.Join(failed...)
}
