package ported

import (
	"context"
	"errors"

	"github.com/b24go/b24"
)

// CompanyForm is what a visitor filled in.
type CompanyForm struct {
	// Preset is the id of the requisite template.
	Preset b24.ID
	// Title is required; INN is the taxpayer id, and Phone may be empty.
	Title, INN, Phone string
	// Address holds the fields of crm.address.fields.
	Address map[string]string
}

// Preset is a requisite template.
type Preset struct {
	// ID is for [CompanyForm], and Name is what users see.
	ID   b24.ID
	Name string
}

// AddressField describes a field of an address.
type AddressField struct {
	// Title is what users see.
	Title string
	// IsRequired reports whether it must be filled in.
	IsRequired bool
}

// CompanyFields returns what the form offers: the requisite templates, and the fields of an address
// by name, without those that [AddCompany] sets itself.
func CompanyFields(ctx context.Context, c b24.Client) ([]Preset, b24.Map[AddressField], error) {
	presets, err := b24.Collect(b24.List[Preset](ctx, c, "crm.requisite.preset.list", b24.Params{"select": []string{"ID", "NAME"}}))
	if err != nil {
		return nil, nil, err
	}
	fields, err := b24.Call[b24.Map[AddressField]](ctx, c, "crm.address.fields", nil)
	for _, system := range []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"} {
		delete(fields, system)
	}
	return presets, fields, err
}

// AddCompany creates a company, its requisite and the address of the requisite in one request. If it
// fails half-way, it returns the id of the company that exists together with the error: add what is
// missing to it, because another run would create a second company.
func AddCompany(ctx context.Context, c b24.Client, form CompanyForm) (b24.ID, error) {
	if form.Title == "" {
		return "", errors.New("the title is empty")
	}
	fields := b24.Params{"TITLE": form.Title, "COMPANY_TYPE": "CUSTOMER"}
	if form.Phone != "" {
		fields["PHONE"] = []b24.Params{{"VALUE": form.Phone, "VALUE_TYPE": "WORK"}}
	}
	var batch b24.Batch
	// A requisite with a template that does not exist is accepted; this stops the batch.
	batch.Add("crm.requisite.preset.get", b24.Params{"id": form.Preset})
	company := b24.Queue[b24.ID](&batch, "crm.company.add", b24.Params{"fields": fields})
	requisite := b24.Queue[b24.ID](&batch, "crm.requisite.add", b24.Params{"fields": b24.Params{
		"ENTITY_TYPE_ID": 4, "ENTITY_ID": company.Ref(), // of a company
		"PRESET_ID": form.Preset, "NAME": form.Title, "RQ_INN": form.INN, "ACTIVE": "Y",
	}})
	address := b24.Params{}
	for field, value := range form.Address {
		address[field] = value
	}
	address["ENTITY_TYPE_ID"], address["ENTITY_ID"] = 8, requisite.Ref() // of a requisite
	address["TYPE_ID"] = 1                                               // the actual address
	batch.Add("crm.address.add", b24.Params{"fields": address})
	_, failed := c.CallBatch(ctx, &batch)
	id, _ := company.Get() // "" if it failed, which failed reports
	return id, failed
}
