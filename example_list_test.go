package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// orders are n deals, the first with the title "Order 1".
func orders(portal *b24test.Portal, n int) {
	portal.SeedN("crm.deal", n, func(i int) b24.Params {
		return b24.Params{"TITLE": "Order " + strconv.Itoa(i+1), "OPPORTUNITY": "10.00", "OPENED": true}
	})
}

func ExampleList() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 1_000)

	n := 0
	for deal, err := range b24.List[Deal](context.Background(), hook, "crm.deal.list", b24.Params{
		"select": []string{"ID", "TITLE", "OPPORTUNITY"},
	}) {
		if err != nil {
			fmt.Println(err) // the list is not complete
			return
		}
		if n++; n%250 == 0 {
			fmt.Println(deal.ID, deal.Title, deal.Amount)
		}
	}
	fmt.Println(n)
	// Output:
	// 250 Order 250 10
	// 500 Order 500 10
	// 750 Order 750 10
	// 1000 Order 1000 10
	// 1000
}

// Leaving the loop ends the reading: what was not needed is not asked for.
func ExampleList_break() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 1_000)

	for deal, err := range b24.List[Deal](context.Background(), hook, "crm.deal.list", nil, b24.WithDescending()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(deal.ID, deal.Title)
		break
	}
	fmt.Println(len(portal.HTTPRequests()), "request")
	// Output:
	// 1000 Order 1000
	// 1 request
}

// A list that fits into memory. With an error come the rows before it.
func ExampleCollect() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 120)

	deals, err := b24.Collect(b24.List[Deal](context.Background(), hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{">ID": 20},
	}))
	fmt.Println(len(deals), deals[0].Title, err)
	// Output:
	// 100 Order 21 <nil>
}

// The rows page by page, as the portal sent them.
func ExampleHook_FetchListMethod() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 120)

	for page, err := range hook.FetchListMethod(context.Background(), "crm.deal.list", b24.Params{"select": []string{"ID", "TITLE"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(page), string(page[0]))
	}
	// Output:
	// 50 {"ID":"1","TITLE":"Order 1"}
	// 50 {"ID":"51","TITLE":"Order 51"}
	// 20 {"ID":"101","TITLE":"Order 101"}
}

// All deals, read into memory while a progress is shown.
func ExampleHook_CallListMethod() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 120)

	r, err := hook.CallListMethod(context.Background(), "crm.deal.list", b24.Params{"select": []string{"ID", "TITLE"}},
		b24.WithProgress(func(p b24.Progress) { fmt.Printf("%.0f %%\n", p.Percent()) }))
	if err != nil {
		fmt.Println(err) // r.Data() has the rows before it
		return
	}
	var last Deal
	if err := json.Unmarshal(r.Data()[119], &last); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(r.Data()), last.ID, last.Title)
	// Output:
	// 0 %
	// 67 %
	// 100 %
	// 120 120 Order 120
}

// The place in the list is kept in a file, so that another run of the program goes
// on there. Store first what came of the rows, then the place.
func ExampleWithCheckpoint() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 120)
	dir, err := os.MkdirTemp("", "b24")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "cursor")

	run := func(pages int) {
		stored, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			fmt.Println(err)
			return
		}
		var unstored error
		for page, err := range hook.FetchListMethod(context.Background(), "crm.deal.list", b24.Params{"select": []string{"ID"}},
			b24.WithResume(b24.Cursor(stored)),
			b24.WithCheckpoint(func(c b24.Cursor) { unstored = os.WriteFile(file, []byte(c), 0o600) })) {
			if err := errors.Join(err, unstored); err != nil {
				fmt.Println(err)
				return
			}
			if pages--; pages < 0 {
				return // the program is stopped: this page was not taken
			}
			fmt.Println(len(page), "rows from", string(page[0]))
		}
	}

	run(2)
	fmt.Println("again")
	run(10)
	// Output:
	// 50 rows from {"ID":"1"}
	// 50 rows from {"ID":"51"}
	// again
	// 20 rows from {"ID":"101"}
}

// How the list was read, and whether to its end.
func ExampleWithReport() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 10_000)

	var report b24.ListReport
	deals, err := b24.Collect(b24.List[Deal](context.Background(), hook, "crm.deal.list", nil, b24.WithReport(&report)))
	fmt.Println(len(deals), err, report.Complete)
	fmt.Println(report.Paging, report.Rows, "rows", report.Pages, "pages", report.Requests, "requests")
	fmt.Println(report.FirstID, report.LastID, report.Refusals, "refusals")
	// Output:
	// 10000 <nil> true
	// chained 10000 rows 200 pages 7 requests
	// 1 10000 0 refusals
}

// Rows of my.parcel.list have their id under CODE, which filter and order call code.
func ExampleWithMethod() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Handle("my.parcel.list", parcels("CODE", "code"))

	parcel := b24.WithMethod(b24.ListMethod{IDKey: "CODE", CursorKey: "code"})
	all, err := b24.Collect(b24.List[struct {
		Code b24.ID `json:"CODE"`
	}](context.Background(), hook, "my.parcel.list", nil, parcel))
	fmt.Println(len(all), all[0].Code, err)
	// Output:
	// 120 1 <nil>
}

// Each answer of my.event.list names the place of the next page, which the parameter "after" takes.
func ExampleWithMethod_nextParam() {
	portal, hook := inMemory()
	defer portal.Close()
	pages := map[any]b24.Params{
		nil:  {"events": []b24.Params{{"id": 7}, {"id": 3}}, "place": "x2"},
		"x2": {"events": []b24.Params{{"id": 5}}, "place": nil},
	}
	portal.Handle("my.event.list", func(r b24test.Request) (any, error) { return pages[r.Params["after"]], nil })

	for event, err := range b24.List[struct{ ID b24.ID }](context.Background(), hook, "my.event.list", nil,
		b24.WithMethod(b24.ListMethod{NextParam: "after", NextField: "place"})) {
		fmt.Println(event.ID, err)
	}
	// Output:
	// 7 <nil>
	// 3 <nil>
	// 5 <nil>
}

// A method that hides rows after it made a page of 50 is read until a page is empty.
func ExampleWithMethod_shortPages() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Handle("my.secret.list", secretive)

	r, err := hook.CallListMethod(context.Background(), "my.secret.list", nil, b24.WithMethod(b24.ListMethod{ShortPages: true}))
	fmt.Println(len(r.Data()), err)
	// Output:
	// 79 <nil>
}

// A list that ends early ends with an error, never as a shorter list.
func ExampleListError() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 1_000)
	portal.Fault("batch", b24test.Pass(), b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED", Description: "no", Status: 403}))

	deals, err := b24.Collect(b24.List[Deal](context.Background(), hook, "crm.deal.list", nil))
	if ended, ok := errors.AsType[*b24.ListError](err); ok {
		fmt.Println(ended.Method, ended.Rows, errors.Is(err, b24.ErrAccessDenied))
	}
	fmt.Println(len(deals), "rows are certain")
	// Output:
	// crm.deal.list 50 true
	// 50 rows are certain
}

// Rows and place are stored together, so that nothing is lost or stored twice, whenever the program
// ends.
func ExamplePages() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 120)
	var stored struct { // a database: each of its transactions stores both or nothing
		rows  int
		place b24.Cursor
	}
	run := func(pages int) error {
		for page, err := range b24.Pages(context.Background(), hook, "crm.deal.list", nil, b24.WithResume(stored.place)) {
			if err != nil {
				return err
			}
			if page.Number > pages {
				return errors.New("the program was killed")
			}
			stored.rows += len(page.Rows)
			stored.place = page.Cursor
		}
		return nil
	}

	fmt.Println(run(1), stored.rows)
	fmt.Println(run(100), stored.rows)
	// Output:
	// the program was killed 50
	// <nil> 120
}
