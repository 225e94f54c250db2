package b24_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// Contact has the fields a program needs.
type Contact struct {
	ID     b24.ID                   `json:"ID"`
	Name   string                   `json:"NAME"`
	Phones b24.Rows[b24.Multifield] `json:"PHONE"`
}

// The phones of contacts, and what a write does to them.
func Example_phones() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49301", "+49302"}})
	ctx := context.Background()

	contacts, err := b24.Collect(b24.List[Contact](ctx, hook, "crm.contact.list", b24.Params{
		"filter": b24.Params{"@ID": []int{5}},
		"select": []string{"ID", "NAME", "PHONE"}, // without its name, PHONE does not come
	}))
	if err != nil || len(contacts) == 0 {
		fmt.Println("no contact", err)
		return
	}
	home, old := contacts[0].Phones[0], contacts[0].Phones[1]

	_, err = hook.CallMethod(ctx, "crm.contact.update", b24.Params{"id": 5, "fields": b24.Params{
		"PHONE": b24.Rows[b24.Multifield]{
			{Value: "+49303", Type: "MOBILE"},                 // no id: added
			{ID: home.ID, Value: "+49 30 1", Type: home.Type}, // an id: changed
			old.Removed(), // removed
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann, err := b24.Call[Contact](ctx, hook, "crm.contact.get", b24.Params{"id": 5})
	for _, phone := range ann.Phones {
		fmt.Println(phone.Value, phone.Type)
	}
	fmt.Println(err)
	// Output:
	// +49 30 1 WORK
	// +49303 MOBILE
	// <nil>
}

// Field describes a field of a deal.
type Field struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	Label string `json:"listLabel"` // of a custom field, in the language of the user
	Items []struct {
		ID    b24.ID `json:"ID"`
		Value string `json:"VALUE"`
	} `json:"items"` // the choices of a custom field of the type enumeration
}

// Custom fields have names like UF_CRM_1699; users know their labels.
func Example_customFields() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Define("crm.deal", b24test.Field{Name: "UF_CRM_1699", Type: "enumeration", Label: "Delivery", Items: []string{"Courier", "Pickup"}})
	ctx := context.Background()

	fields, err := b24.Call[b24.Map[Field]](ctx, hook, "crm.deal.fields", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, field := range fields {
		if field.Label == "Delivery" {
			fmt.Println(name, "with the choices", field.Items)
		}
	}
	// Output: UF_CRM_1699 with the choices [{1 Courier} {2 Pickup}]
}

// Stage is a stage of a pipeline.
type Stage struct {
	ID   string `json:"STATUS_ID"`
	Name string `json:"NAME"`
}

// Pipelines are categories, and their stages are statuses.
func Example_pipelines() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.category", b24.Params{"id": 3, "entityTypeId": 2, "name": "Service", "sort": 500})
	portal.Seed("crm.status",
		b24.Params{"ID": 1, "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW", "NAME": "New", "SORT": 10},
		b24.Params{"ID": 2, "ENTITY_ID": "DEAL_STAGE_3", "STATUS_ID": "C3:NEW", "NAME": "Reported", "SORT": 10})
	ctx := context.Background()

	pipelines, err := b24.Call[[]struct {
		ID   b24.ID `json:"id"`
		Name string `json:"name"`
	}](ctx, hook, "crm.category.list", b24.Params{"entityTypeId": 2}, b24.WithResultKey("categories"))
	for _, pipeline := range pipelines {
		group := "DEAL_STAGE"
		if pipeline.ID != "0" {
			group += "_" + string(pipeline.ID)
		}
		stages, err := b24.Call[[]Stage](ctx, hook, "crm.status.list", b24.Params{
			"filter": b24.Params{"ENTITY_ID": group},
			"order":  b24.Params{"SORT": "ASC"},
		})
		fmt.Println(pipeline.Name, stages, err)
	}
	fmt.Println(err)
	// Output:
	// General [{NEW New}] <nil>
	// Service [{C3:NEW Reported}] <nil>
	// <nil>
}

// ProductRow is a row of the products of a deal.
type ProductRow struct {
	ID       b24.ID    `json:"id,omitzero"`
	Name     string    `json:"productName"`
	Price    b24.Float `json:"price"`
	Quantity b24.Float `json:"quantity"`
}

// The products of a deal, all of them at once.
func Example_productRows() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7})
	ctx := context.Background()

	_, err := hook.CallMethod(ctx, "crm.item.productrow.set", b24.Params{
		"ownerType": "D", "ownerId": 7, // L a lead, Q a quote, SI an invoice
		"productRows": []ProductRow{{Name: "Desk", Price: 100, Quantity: 2}}, // the rows it has are replaced
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := b24.Collect(b24.List[ProductRow](ctx, hook, "crm.item.productrow.list", b24.Params{
		"filter": b24.Params{"=ownerType": "D", "=ownerId": 7},
	}))
	fmt.Println(rows, err, portal.Rows("crm.deal")[0]["OPPORTUNITY"])
	// Output: [{1 Desk 100 2}] <nil> 200
}

// dealOf returns the deal of an order, and creates it if there is none. After any
// error it may be called again.
func dealOf(ctx context.Context, c b24.Client, order string) (b24.ID, error) {
	id, err := findDeal(ctx, c, order)
	if !errors.Is(err, b24.ErrNoRow) {
		return id, err
	}
	id, err = b24.Call[b24.ID](ctx, c, "crm.deal.add", b24.Params{"fields": b24.Params{
		"TITLE": "Order " + order, "ORIGINATOR_ID": "shop", "ORIGIN_ID": order,
	}})
	if err == nil || !b24.MayHaveExecuted(err) {
		return id, err
	}
	id, lookErr := findDeal(ctx, c, order) // the answer was lost, not the deal
	if lookErr != nil {
		return "", fmt.Errorf("%w; look for it: %w", err, lookErr)
	}
	return id, nil
}

// findDeal returns the deal of an order. If there is none, the error matches b24.ErrNoRow.
func findDeal(ctx context.Context, c b24.Client, order string) (b24.ID, error) {
	deal, err := b24.First(b24.List[struct {
		ID     b24.ID `json:"ID"`
		Origin string `json:"ORIGIN_ID"`
	}](ctx, c, "crm.deal.list", b24.Params{
		"filter": b24.Params{"=ORIGINATOR_ID": "shop", "=ORIGIN_ID": order},
		"select": []string{"ID", "ORIGIN_ID"},
	}))
	if err == nil && (order == "" || deal.Origin != order) { // a misspelled condition finds any deal
		err = fmt.Errorf("deal %s is not the deal of order %q", deal.ID, order)
	}
	return deal.ID, err
}

// A deal of an order that is created once, whatever happens to the answers.
func ExampleFirst_findOrCreate() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 41, "TITLE": "Order 16", "ORIGINATOR_ID": "shop", "ORIGIN_ID": "16"})
	portal.Fault("crm.deal.add", b24test.ResetAfter()) // the deal is created, and the answer is lost
	ctx := context.Background()

	for _, order := range []string{"16", "17", "17"} {
		id, err := dealOf(ctx, hook, order)
		fmt.Println(order, id, err)
	}
	fmt.Println(portal.Executed("crm.deal.add"), "created")
	// Output:
	// 16 41 <nil>
	// 17 42 <nil>
	// 17 42 <nil>
	// 1 created
}

// Who has a phone already.
func Example_duplicates() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "PHONE": "+49 170 1234"})
	ctx := context.Background()

	found, err := b24.Call[b24.Map[[]b24.ID]](ctx, hook, "crm.duplicate.findbycomm", b24.Params{
		"type":   "PHONE",                // or EMAIL
		"values": []string{"+491701234"}, // up to 20 texts; numbers are ignored
	})
	fmt.Println(found["LEAD"], found["CONTACT"], found["COMPANY"], err)
	// Output: [] [5] [] <nil>
}

// The deals of a day, in the zone of those who ask.
func Example_day() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal",
		b24.Params{"ID": 1, "DATE_MODIFY": "2030-01-30T23:59:59+01:00"},
		b24.Params{"ID": 2, "DATE_MODIFY": "2030-01-31T00:00:00+01:00"},
		b24.Params{"ID": 3, "DATE_MODIFY": "2030-01-31T23:59:59+01:00"},
		b24.Params{"ID": 4, "DATE_MODIFY": "2030-02-01T00:00:00+01:00"})
	ctx := context.Background()
	zone := time.FixedZone("", 60*60) // or time.LoadLocation("Europe/Berlin")

	day := time.Date(2030, time.January, 31, 0, 0, 0, 0, zone)
	deals, err := b24.Collect(b24.List[Deal](ctx, hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{
			">=DATE_MODIFY": b24.DateTimeOf(day),
			"<DATE_MODIFY":  b24.DateTimeOf(day.AddDate(0, 0, 1)),
		},
		"select": []string{"ID"},
	}))
	for _, deal := range deals {
		fmt.Println(deal.ID)
	}
	fmt.Println(err)
	// Output:
	// 2
	// 3
	// <nil>
}

// A contact gets a second phone number, unless it has it already.
func ExampleMultifieldChanges() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49 30 1111"}})
	ctx := context.Background()

	type contact struct {
		Phones b24.Rows[b24.Multifield] `json:"PHONE"`
	}
	for range 2 { // the second time, nothing has to change
		ann, err := b24.Call[contact](ctx, hook, "crm.contact.get", b24.Params{"id": 5})
		if err != nil {
			fmt.Println(err)
			return
		}
		want := append(ann.Phones, b24.Multifield{Value: "+49 30 2222", Type: "MOBILE"})
		changes := b24.MultifieldChanges(ann.Phones, want)
		fmt.Println(len(ann.Phones), "phones,", len(changes), "changes")
		if len(changes) == 0 {
			return
		}
		_, err = hook.CallMethod(ctx, "crm.contact.update", b24.Params{"id": 5, "fields": b24.Params{"PHONE": changes}})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output:
	// 1 phones, 1 changes
	// 2 phones, 0 changes
}

// crm.item.* has all multifields of a record under fm. A row is deleted only by Removed.
func ExampleMultifield() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49 30 1111"}, "EMAIL": []string{"ann@example.com"}})
	ctx := context.Background()

	type contact struct {
		Multifields b24.Rows[b24.Multifield] `json:"fm"`
	}
	record := b24.Params{"entityTypeId": b24.EntityContact, "id": 5}
	ann, err := b24.Call[contact](ctx, hook, "crm.item.get", record, b24.WithResultKey("item"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range ann.Multifields {
		fmt.Println(m.Kind, m.Type, m.Value)
		if m.Kind == "EMAIL" {
			ann.Multifields[i] = m.Removed()
		}
	}
	record["fields"] = ann
	ann, err = b24.Call[contact](ctx, hook, "crm.item.update", record, b24.WithResultKey("item"))
	fmt.Println(len(ann.Multifields), "is left", err)
	// Output:
	// PHONE WORK +49 30 1111
	// EMAIL WORK ann@example.com
	// 1 is left <nil>
}

// The phones of the contacts of deals.
func Example_contactsOfDeals() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+49 30 1111"}}, b24.Params{"ID": 6, "NAME": "Bob"})
	portal.Seed("crm.deal", b24.Params{"ID": 1, "TITLE": "Desk", "CONTACT_IDS": []int{5, 6}})
	ctx := context.Background()

	type contact struct {
		ID    b24.ID                   `json:"ID"`
		Name  string                   `json:"NAME"`
		Phone b24.Rows[b24.Multifield] `json:"PHONE"`
	}
	var ids []b24.ID
	for d, err := range b24.List[struct {
		Contacts b24.Rows[b24.ID] `json:"contactIds"`
	}](ctx, hook, "crm.item.list", b24.Params{
		"entityTypeId": b24.EntityDeal, "select": []string{"id", "contactIds"},
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		ids = append(ids, d.Contacts...)
	}
	for c, err := range b24.List[contact](ctx, hook, "crm.contact.list", b24.Params{
		"filter": b24.Params{"@ID": ids}, // any number of ids; no ids, no request
		"select": []string{"ID", "NAME", "PHONE"},
	}) {
		fmt.Println(c.Name, len(c.Phone), err)
	}
	// Output:
	// Ann 1 <nil>
	// Bob 0 <nil>
}

// A time of Go in a field and in a filter.
func ExampleDateTimeOf() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 1, "DATE_MODIFY": "2030-01-31T09:30:00+02:00"}, b24.Params{"ID": 2, "DATE_MODIFY": "2030-02-01T10:00:00+02:00"})
	ctx := context.Background()

	since := time.Date(2030, time.February, 1, 0, 0, 0, 0, time.UTC)
	for deal, err := range b24.List[BatchDeal](ctx, hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{">=DATE_MODIFY": b24.DateTimeOf(since)},
	}) {
		fmt.Println(deal.ID, err)
	}
	// Output:
	// 2 <nil>
}
