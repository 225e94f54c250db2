package ported

import (
	"context"
	"errors"
	"strings"

	"github.com/b24go/b24"
)

// ContactForm is what a visitor filled in.
type ContactForm struct {
	// Preset is the id of the requisite template.
	Preset b24.ID
	// Name is required; LastName, INN (the taxpayer id) and Phone may be empty.
	Name, LastName, INN, Phone string
	// City and Street are the address.
	City, Street string
}

// AddContact creates a contact, its requisite and the address of the requisite in one request. If
// it fails half-way, it returns the id of the contact that exists together with the error: add what
// is missing to it, because another run would create a second contact.
func AddContact(ctx context.Context, c b24.Client, form ContactForm) (b24.ID, error) {
	if form.Name == "" {
		return "", errors.New("the name is empty")
	}
	fields := b24.Params{"NAME": form.Name, "LAST_NAME": form.LastName}
	if form.Phone != "" {
		fields["PHONE"] = []b24.Params{{"VALUE": form.Phone, "VALUE_TYPE": "WORK"}}
	}
	var batch b24.Batch
	// A requisite with a template that does not exist is accepted; this stops the batch.
	batch.Add("crm.requisite.preset.get", b24.Params{"id": form.Preset})
	contact := b24.Queue[b24.ID](&batch, "crm.contact.add", b24.Params{"fields": fields})
	requisite := b24.Queue[b24.ID](&batch, "crm.requisite.add", b24.Params{"fields": b24.Params{
		"ENTITY_TYPE_ID": 3, "ENTITY_ID": contact.Ref(), // of a contact
		"PRESET_ID": form.Preset, "NAME": strings.TrimSpace(form.Name + " " + form.LastName), "RQ_INN": form.INN, "ACTIVE": "Y",
	}})
	batch.Add("crm.address.add", b24.Params{"fields": b24.Params{
		"ENTITY_TYPE_ID": 8, "ENTITY_ID": requisite.Ref(), // of a requisite
		"TYPE_ID": 1, "CITY": form.City, "ADDRESS_1": form.Street, // the actual address
	}})
	_, failed := c.CallBatch(ctx, &batch)
	id, _ := contact.Get() // "" if it failed, which failed reports
	return id, failed
}
