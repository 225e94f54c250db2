package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/filter"
)

// createTask creates one task. Because of its key, every attempt is the same write.
func createTask(ctx context.Context, w io.Writer, c *b24.V3) error {
	r, err := c.CallMethod(ctx, "tasks.task.add", b24.Params{"fields": b24.Params{
		"title": "Created by the example tasks3 of b24", "creatorId": 1, "responsibleId": 1,
	}})
	if err != nil {
		return err
	}
	task, err := b24.Decode[struct {
		ID b24.ID `json:"id"`
	}](r, "item")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "created task %s, its answer was lost at first: %t\n", task.ID, r.Replayed())
	return err
}

// task has fields of the task and of related records; the latter are nil if the user or task does
// not exist.
type task struct {
	ID          b24.ID `json:"id"`
	Title       string `json:"title"`
	Creator     *user  `json:"creator"`
	Responsible *user  `json:"responsible"`
	Parent      *struct {
		Title string `json:"title"`
	} `json:"parent"`
}

type user struct {
	Name string `json:"name"`
}

func (u *user) String() string {
	if u == nil {
		return "nobody"
	}
	return cmp.Or(u.Name, "a user without a name")
}

// listTasks reads the newest tasks; a name with a dot selects a field of a related record in the
// same call.
func listTasks(ctx context.Context, w io.Writer, c *b24.V3) error {
	var text strings.Builder
	text.WriteString("the newest tasks:\n")
	for t, err := range b24.List[task](ctx, c, "tasks.task.list", b24.Params{
		"filter": filter.Gt("id", 0),
		"select": []string{"id", "title", "creator.name", "responsible.name", "parent.title"},
	}, b24.WithDescending(), b24.WithLimit(5)) {
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "  %s  %q by %s for %s", t.ID, t.Title, t.Creator, t.Responsible)
		if t.Parent != nil {
			fmt.Fprintf(&text, ", part of %q", t.Parent.Title)
		}
		text.WriteByte('\n')
	}
	_, err := io.WriteString(w, text.String())
	return err
}
