package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func ExampleHook_CallMethod() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Gamma"})

	r, err := hook.CallMethod(context.Background(), "crm.company.list", b24.Params{"select": []string{"ID", "TITLE"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	total, _ := r.Total()
	fmt.Println(r.Status(), total, string(r.Raw()))
	// Output:
	// 200 1 [{"ID":"3","TITLE":"Gamma"}]
}

// Companies, the newest first. The total comes with the first page.
func ExampleHook_CallMethod_order() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company",
		b24.Params{"ID": 1, "TITLE": "Alpha"},
		b24.Params{"ID": 2, "TITLE": "Beta"},
		b24.Params{"ID": 3, "TITLE": "Gamma"},
	)
	ctx := context.Background()

	r, err := hook.CallMethod(ctx, "crm.company.list", b24.Params{
		"order":  b24.Params{"ID": "DESC"},
		"select": []string{"ID", "TITLE"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	companies, err := b24.Decode[[]struct {
		ID    b24.ID `json:"ID"`
		Title string `json:"TITLE"`
	}](r)
	if err != nil {
		fmt.Println(err)
		return
	}
	total, _ := r.Total()
	fmt.Println(total, "companies")
	for _, company := range companies {
		fmt.Println(company.ID, company.Title)
	}
	// Output:
	// 3 companies
	// 3 Gamma
	// 2 Beta
	// 1 Alpha
}

// Parameters can be a struct with json tags, or JSON that came from elsewhere.
func ExampleHook_CallMethod_params() {
	portal, hook := inMemory()
	defer portal.Close()
	type query struct {
		Filter map[string]any `json:"filter"`
		Select []string       `json:"select"`
	}
	for _, params := range []any{
		query{Filter: map[string]any{"STAGE_ID": "NEW"}, Select: []string{"ID"}},
		json.RawMessage(`{"filter": {"STAGE_ID": "NEW"}, "select": ["ID"]}`),
		nil,
	} {
		if _, err := hook.CallMethod(context.Background(), "crm.deal.list", params); err != nil {
			fmt.Println(err)
		}
	}
	for _, req := range portal.Requests() {
		fmt.Println(string(req.RawBody))
	}
	// Output:
	// {"filter":{"STAGE_ID":"NEW"},"select":["ID"]}
	// {"filter":{"STAGE_ID":"NEW"},"select":["ID"]}
	// {}
}

// The old methods task.* take their arguments by position.
func ExampleHook_CallMethod_positional() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Handle("task.commentitem.add", func(req b24test.Request) (any, error) {
		fmt.Println(req.Args...)
		return 1, nil
	})

	_, err := hook.CallMethod(context.Background(), "task.commentitem.add", []any{7, b24.Params{"POST_MESSAGE": "Done"}})
	fmt.Println(err)
	// Output:
	// 7 map[POST_MESSAGE:Done]
	// <nil>
}

func ExampleCall() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17", "OPPORTUNITY": 1500.50, "OPENED": true, "CLOSEDATE": "2030-12-31"})

	deal, err := b24.Call[Deal](context.Background(), hook, "crm.deal.get", b24.Params{"id": 7})
	fmt.Println(deal.ID, deal.Title, deal.Amount, deal.Opened, deal.Closes, err)
	// Output:
	// 7 Order 17 1500.5 true 2030-12-31 <nil>
}

// The methods crm.item.* wrap what they return.
func ExampleCall_resultKey() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.item:2", b24.Params{"ID": 7, "TITLE": "Order 17"})
	type item struct {
		ID    b24.ID `json:"id"`
		Title string `json:"title"`
	}

	one, err := b24.Call[item](context.Background(), hook, "crm.item.get",
		b24.Params{"entityTypeId": b24.EntityDeal, "id": 7}, b24.WithResultKey("item"))
	fmt.Println(one.ID, one.Title, err)

	page, err := b24.Call[[]item](context.Background(), hook, "crm.item.list",
		b24.Params{"entityTypeId": b24.EntityDeal}, b24.WithResultKey("items"))
	fmt.Println(len(page), err)
	// Output:
	// 7 Order 17 <nil>
	// 1 <nil>
}

func ExampleWithResultKey() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("tasks.task", b24.Params{"ID": 5, "TITLE": "Call Anna"})

	_, err := b24.Call[b24.Params](context.Background(), hook, "tasks.task.get", b24.Params{"taskId": 5}, b24.WithResultKey("item"))
	fmt.Println(errors.Is(err, b24.ErrNoResult))
	fmt.Println(err)
	// Output:
	// true
	// b24: tasks.task.get: the answer has no such result: item is not in it, only task; the call was executed
}

func ExampleDecode() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.item:2", b24.Params{"ID": 7, "TITLE": "Order 17"})

	r, err := hook.CallMethod(context.Background(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal})
	if err != nil {
		fmt.Println(err)
		return
	}
	title, err := b24.Decode[string](r, "items", "0", "title")
	fmt.Println(title, err)
	// Output:
	// Order 17 <nil>
}

func ExampleAjaxResult_Decode() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Gamma"})

	r, err := hook.CallMethod(context.Background(), "crm.company.get", b24.Params{"id": 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	var company struct {
		Title string `json:"TITLE"`
	}
	err = r.Decode(&company)
	fmt.Println(company.Title, err)
	// Output:
	// Gamma <nil>
}

// Raw is the member result of the answer, Body is all of it.
func ExampleAjaxResult_Raw() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Handle("profile", func(b24test.Request) (any, error) {
		return b24test.Raw{Body: `{"result":{"ID":"1"},"time":{"duration":0.5}}`}, nil
	})

	r, err := hook.CallMethod(context.Background(), "profile", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(r.Raw()))
	fmt.Println(string(r.Body()))
	// Output:
	// {"ID":"1"}
	// {"result":{"ID":"1"},"time":{"duration":0.5}}
}

// Read a list page by page.
func ExampleAjaxResult_FetchNext() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.contact", 120, func(i int) b24.Params { return b24.Params{"ID": i + 1} })
	ctx := context.Background()

	page, err := hook.CallMethod(ctx, "crm.contact.list", b24.Params{"select": []string{"ID"}})
	for ; err == nil; page, err = page.FetchNext(ctx) {
		rows, err := b24.Decode[[]struct{ ID b24.ID }](page)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(rows), rows[0].ID, page.IsMore())
	}
	if !errors.Is(err, b24.ErrNoMorePages) {
		fmt.Println(err) // the list was not read to its end
	}
	// Output:
	// 50 1 true
	// 50 51 true
	// 20 101 false
}

func ExampleAjaxResult_Next() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.contact", 60, func(int) b24.Params { return b24.Params{} })

	r, err := hook.CallMethod(context.Background(), "crm.contact.list", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Total())
	fmt.Println(r.Next())
	// Output:
	// 60 true
	// 50 true
}

// What the portal says about its own time; every part may be missing.
func ExampleAjaxResult_Time() {
	portal, hook := inMemory()
	defer portal.Close()
	operating := 12.5
	portal.Handle("crm.deal.list", func(b24test.Request) (any, error) {
		return b24test.Result{Value: []any{}, Operating: &operating}, nil
	})

	r, err := hook.CallMethod(context.Background(), "crm.deal.list", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if used := r.Time().Operating; used.Valid {
		fmt.Println("the method used", used.V, "of the last 10 minutes")
	}
	// Output:
	// the method used 12.5s of the last 10 minutes
}

func ExampleAjaxResult_Query() {
	portal, hook := inMemory()
	defer portal.Close()

	r, err := hook.CallMethod(context.Background(), "crm.deal.list", b24.Params{"select": []string{"ID"}}, b24.WithRequestID("job-17"))
	if err != nil {
		fmt.Println(err)
		return
	}
	q := r.Query()
	fmt.Println(q.Method, string(q.Params), q.RequestID)
	// Output:
	// crm.deal.list {"select":["ID"]} job-17
}

// A Go map has no order, and the portal sorts by the first key first.
func ExampleOrdered() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal",
		b24.Params{"ID": 1, "ASSIGNED_BY_ID": 7, "OPPORTUNITY": 100},
		b24.Params{"ID": 2, "ASSIGNED_BY_ID": 5, "OPPORTUNITY": 200},
		b24.Params{"ID": 3, "ASSIGNED_BY_ID": 7, "OPPORTUNITY": 300},
	)
	ctx := context.Background()

	deals, err := b24.Call[[]Deal](ctx, hook, "crm.deal.list", b24.Params{
		"order": b24.Ordered{b24.KV("ASSIGNED_BY_ID", "DESC"), b24.KV("OPPORTUNITY", "DESC")},
	})
	for _, deal := range deals {
		fmt.Println(deal.ID, deal.Amount)
	}
	fmt.Println(err)
	// Output:
	// 3 300
	// 1 100
	// 2 200
	// <nil>
}

func ExampleStartForPage() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.contact", 120, func(i int) b24.Params { return b24.Params{"ID": i + 1} })

	third, err := b24.Call[[]struct{ ID b24.ID }](context.Background(), hook, "crm.contact.list", b24.Params{"start": b24.StartForPage(3)})
	fmt.Println(len(third), third[0].ID, err)
	// Output:
	// 20 101 <nil>
}

// NoCount reads the first page without counting all rows, which is faster.
func Example_noCount() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.contact", 120, func(i int) b24.Params { return b24.Params{"ID": i + 1} })

	r, err := hook.CallMethod(context.Background(), "crm.contact.list", b24.Params{"start": b24.NoCount})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := b24.Decode[[]struct{ ID b24.ID }](r)
	fmt.Println(len(rows), r.IsMore(), err)
	// Output:
	// 50 false <nil>
}

// The id stands in every error, log record and request of the call.
func ExampleWithRequestID() {
	portal, hook := inMemory()
	defer portal.Close()

	_, err := hook.CallMethod(context.Background(), "crm.deal.get", b24.Params{"id": 1}, b24.WithRequestID("order-17"))
	if failed, ok := errors.AsType[*b24.Error](err); ok {
		fmt.Println(failed.RequestID)
	}
	fmt.Println(portal.Requests()[0].RequestID)
	// Output:
	// order-17
	// order-17
}

// Accept a Client in your own code: a test can then give it anything.
func ExampleClient() {
	countDeals := func(ctx context.Context, c b24.Client) (int, error) {
		r, err := c.CallMethod(ctx, "crm.deal.list", b24.Params{"select": []string{"ID"}})
		if err != nil {
			return 0, err
		}
		n, _ := r.Total()
		return n, nil
	}

	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 51, func(int) b24.Params { return b24.Params{} })
	fmt.Println(countDeals(context.Background(), hook))
	// Output:
	// 51 <nil>
}

// A row as a classic method sends it: text for nearly everything.
func Example_values() {
	var deal struct {
		ID       b24.ID                `json:"ID"`
		Open     b24.Bool              `json:"OPENED"`
		Sum      b24.Float             `json:"OPPORTUNITY"`
		Chance   b24.Null[b24.Int]     `json:"PROBABILITY"`
		Created  b24.DateTime          `json:"DATE_CREATE"`
		Close    b24.Date              `json:"CLOSEDATE"`
		Budget   b24.Money             `json:"UF_CRM_BUDGET"`
		Settings b24.Map[b24.ID]       `json:"SETTINGS"`
		Files    b24.Rows[b24.ID]      `json:"FILES"`
		Moved    b24.Null[b24.Date]    `json:"MOVED"`
		Parent   b24.EntityTypeID      `json:"PARENT_TYPE"`
		Visits   b24.Map[b24.DateTime] `json:"VISITS"`
	}
	row := `{"ID":"7","OPENED":"Y","OPPORTUNITY":"1000.50","PROBABILITY":"0","DATE_CREATE":"2025-02-05T09:06:19+02:00",
		"CLOSEDATE":"2025-03-01T02:00:00+02:00","UF_CRM_BUDGET":"300|USD","SETTINGS":[],"FILES":{"12":12,"5":"5"},"MOVED":"",
		"PARENT_TYPE":"2","VISITS":{"3":"01.02.2025 10:00:00"}}`
	if err := json.Unmarshal([]byte(row), &deal); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deal.ID, deal.Open, deal.Sum, deal.Chance.V, deal.Chance.Valid)
	fmt.Println(deal.Created.Format(time.RFC1123Z), deal.Close)
	fmt.Println(deal.Budget.Amount, deal.Budget.Currency, len(deal.Settings), deal.Files)
	fmt.Println(deal.Moved.Valid, deal.Parent, len(deal.Visits))
	// Output:
	// 7 true 1000.5 0 true
	// Wed, 05 Feb 2025 09:06:19 +0200 2025-03-01
	// 300 USD 0 [12 5]
	// false DEAL 1
}

// A field that is left alone drops out, a field with an empty value is cleared.
func ExampleNull() {
	type changes struct {
		Title b24.Null[string]   `json:"TITLE,omitzero"`
		Close b24.Null[b24.Date] `json:"CLOSEDATE,omitzero"`
		Sort  b24.Null[b24.Int]  `json:"SORT,omitzero"`
	}
	text, err := json.Marshal(changes{Close: b24.NullOf(b24.Date{}), Sort: b24.NullOf(b24.Int(0))})
	fmt.Println(string(text), err)
	// Output:
	// {"CLOSEDATE":"","SORT":0} <nil>
}

// Bool sends what classic methods take; a method that wants another spelling gets
// a plain bool or a number.
func ExampleBool() {
	open := b24.Bool(true)
	text, err := json.Marshal(b24.Params{"OPENED": open, "isActive": bool(open), "halt": open.Bit()})
	fmt.Println(string(text), err)
	// Output:
	// {"OPENED":"Y","halt":1,"isActive":true} <nil>
}

// Some methods send no offset: the caller says which zone the portal is in.
func ExampleDateTime_AssumeZone() {
	portal := time.FixedZone("", 3*60*60)
	var dates []b24.DateTime
	if err := json.Unmarshal([]byte(`["2025-03-26 15:28:06","2025-03-26T15:28:06+02:00"]`), &dates); err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range dates {
		text, err := d.AssumeZone(portal).MarshalText()
		fmt.Println(d.HasZone(), string(text), err)
	}
	// Output:
	// false 2025-03-26T15:28:06+03:00 <nil>
	// true 2025-03-26T15:28:06+02:00 <nil>
}

func ExampleDateOf() {
	day := b24.DateOf(time.Date(2024, time.December, 26, 23, 59, 0, 0, time.UTC))
	fmt.Println(day, day.In(time.UTC).AddDate(0, 0, 7).Format(time.DateOnly))
	// Output:
	// 2024-12-26 2025-01-02
}

func ExampleID_Int64() {
	n, err := b24.ID("12").Int64()
	fmt.Println(n, err)
	_, err = b24.ID("CO_1").Int64()
	fmt.Println(err)
	// Output:
	// 12 <nil>
	// b24: ID: "CO_1" is not a 64-bit number
}

func ExampleEntityTypeID() {
	text, err := json.Marshal(b24.Params{"entityTypeId": b24.EntitySmartInvoice})
	fmt.Println(string(text), err, b24.EntitySmartInvoice)
	// Output:
	// {"entityTypeId":31} <nil> SMART_INVOICE
}

// An object keyed by id is a list all the same, in the order of the wire.
func ExampleRows() {
	var users b24.Rows[struct{ Name string }]
	err := json.Unmarshal([]byte(`{"103":{"name":"Emily"},"57":{"name":"John"}}`), &users)
	fmt.Println(users, err)
	// Output:
	// [{Emily} {John}] <nil>
}

func ExampleMap() {
	var failed b24.Map[string]
	err := json.Unmarshal([]byte(`["the first command failed"]`), &failed)
	fmt.Println(failed["0"], err)
	// Output:
	// the first command failed <nil>
}

func ExampleMoney() {
	var price b24.Money
	err := json.Unmarshal([]byte(`"1234.56|EUR"`), &price)
	fmt.Println(price.Amount, price.Currency, price, err)
	// Output:
	// 1234.56 EUR 1234.56|EUR <nil>
}
