package ported

import (
	"context"
	"fmt"

	"github.com/b24go/b24"
)

// CommentItem adds a comment to the timeline of an item of the smart process with that title. It
// returns the id of the comment. Each run adds one more.
func CommentItem(ctx context.Context, c b24.Client, process string, item b24.ID, text string) (b24.ID, error) {
	types, err := b24.Collect(b24.List[struct {
		ID b24.ID `json:"entityTypeId"`
	}](ctx, c, "crm.type.list", b24.Params{"filter": b24.Params{"title": process}}))
	if err != nil {
		return "", err
	}
	if len(types) != 1 {
		return "", fmt.Errorf("%d smart processes are called %q", len(types), process)
	}
	// The portal accepts a comment on an item that does not exist, and nobody ever sees it.
	if _, err := c.CallMethod(ctx, "crm.item.get", b24.Params{"entityTypeId": types[0].ID, "id": item}); err != nil {
		return "", err
	}
	return b24.Call[b24.ID](ctx, c, "crm.timeline.comment.add", b24.Params{"fields": b24.Params{
		"ENTITY_TYPE": "DYNAMIC_" + types[0].ID, "ENTITY_ID": item, "COMMENT": text,
	}})
}
