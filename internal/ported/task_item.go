package ported

import (
	"context"
	"fmt"

	"github.com/b24go/b24"
)

// ItemTask is a task about an item of a smart process.
type ItemTask struct {
	// Process is the name of the smart process, and Item the title of the item.
	Process, Item string
	// Title is the title of the task.
	Title string
	// Responsible is the id of an employee.
	Responsible b24.ID
}

// AddItemTask creates a task that is bound to its item and returns its id. Each run adds one more.
func AddItemTask(ctx context.Context, c b24.Client, task ItemTask) (b24.ID, error) {
	types, err := b24.Call[[]struct {
		ID     b24.ID
		Name   string
		Prefix b24.ID `json:"SYMBOL_CODE_SHORT"`
	}](ctx, c, "crm.enum.ownertype", nil)
	if err != nil {
		return "", err
	}
	var bound []b24.ID
	for _, t := range types {
		if t.Name != task.Process {
			continue
		}
		for row, err := range b24.List[struct{ ID b24.ID }](ctx, c, "crm.item.list", b24.Params{
			"entityTypeId": t.ID, "filter": b24.Params{"=title": task.Item}, "select": []string{"id"},
		}) {
			if err != nil {
				return "", err
			}
			bound = append(bound, t.Prefix+"_"+row.ID)
		}
	}
	if len(bound) != 1 {
		return "", fmt.Errorf("%d items of %q are called %q", len(bound), task.Process, task.Item)
	}
	id, err := b24.Call[b24.ID](ctx, c, "tasks.task.add", b24.Params{"fields": b24.Params{
		"TITLE": task.Title, "RESPONSIBLE_ID": task.Responsible, "UF_CRM_TASK": bound,
	}}, b24.WithResultKey("task", "id"))
	if err != nil {
		return "", err
	}
	// A binding that the portal does not allow is dropped without an error.
	saved, err := b24.Call[b24.Rows[b24.ID]](ctx, c, "tasks.task.get", b24.Params{
		"taskId": id, "select": []string{"ID", "UF_CRM_TASK"},
	}, b24.WithResultKey("task", "ufCrmTask"))
	if err == nil && len(saved) == 0 {
		err = fmt.Errorf("task %s was created but not bound to %s: check linkedUserFields of the smart process", id, bound[0])
	}
	return id, err
}
