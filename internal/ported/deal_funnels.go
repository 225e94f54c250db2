package ported

import (
	"context"

	"github.com/b24go/b24"
)

// Funnel is a pipeline of deals.
type Funnel struct {
	// ID is 0 for the main one.
	ID b24.ID
	// Name is what users see.
	Name string
	// Stages are in their order.
	Stages []Stage `json:"-"`
}

// Stage is a stage of a funnel.
type Stage struct {
	// ID is the stage in fields and filters, and Name is what users see.
	ID, Name string
	// Semantics is process, success, failure or apology.
	Semantics string
}

// DealFunnels returns all funnels of deals with their stages.
func DealFunnels(ctx context.Context, c b24.Client) ([]Funnel, error) {
	funnels, err := b24.Collect(b24.List[Funnel](ctx, c, "crm.category.list", b24.Params{"entityTypeId": 2}))
	if err != nil {
		return nil, err
	}
	for i := range funnels {
		if funnels[i].Stages, err = stages(ctx, c, funnels[i].ID); err != nil {
			return nil, err
		}
	}
	return funnels, nil
}

// stages returns the stages of a funnel of deals.
func stages(ctx context.Context, c b24.Client, funnel b24.ID) ([]Stage, error) {
	directory := "DEAL_STAGE_" + funnel
	if funnel == "0" {
		directory = "DEAL_STAGE"
	}
	var all []Stage
	for row, err := range b24.List[struct {
		ID    string `json:"STATUS_ID"`
		Name  string
		Extra struct{ Semantics string }
	}](ctx, c, "crm.status.list", b24.Params{
		"filter": b24.Params{"ENTITY_ID": directory}, "order": b24.Params{"SORT": "ASC"},
	}) {
		if err != nil {
			return nil, err
		}
		all = append(all, Stage{ID: row.ID, Name: row.Name, Semantics: row.Extra.Semantics})
	}
	return all, nil
}
