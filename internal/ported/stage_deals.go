package ported

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/b24go/b24"
)

// StageDeal is a deal at a stage.
type StageDeal struct {
	// ID is the id of the deal.
	ID b24.ID
	// Title is the title.
	Title string
	// Responsible is the id of an employee, and Name the name.
	Responsible b24.ID `json:"assignedById"`
	Name        string `json:"-"`
}

// StageDeals returns the deals at the stage with that name in the funnel with that name.
func StageDeals(ctx context.Context, c b24.Client, funnel, stage string) ([]StageDeal, error) {
	funnels, err := DealFunnels(ctx, c)
	if err != nil {
		return nil, err
	}
	var at []string
	for _, f := range funnels {
		for _, s := range f.Stages {
			if f.Name == funnel && s.Name == stage {
				at = append(at, s.ID)
			}
		}
	}
	if len(at) != 1 {
		return nil, fmt.Errorf("funnel %q has %d stages called %q", funnel, len(at), stage)
	}
	deals, err := b24.Collect(b24.List[StageDeal](ctx, c, "crm.item.list", b24.Params{
		"entityTypeId": 2, "filter": b24.Params{"stageId": at[0]}, "select": []string{"id", "title", "assignedById"},
	}))
	if err != nil {
		return nil, err
	}
	ids := map[b24.ID]bool{}
	for _, deal := range deals {
		ids[deal.Responsible] = true
	}
	names, err := UserNames(ctx, c, slices.Sorted(maps.Keys(ids)))
	for i := range deals {
		deals[i].Name = names[deals[i].Responsible]
	}
	return deals, err
}
